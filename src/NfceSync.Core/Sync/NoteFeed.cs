using System;
using System.Collections.Generic;

using NfceSync.Core.Queue;
using NfceSync.Core.Stores;

namespace NfceSync.Core.Sync;

/// <summary>
/// Hands out the notes of one state, each once, in the order of <see cref="NoteWrites.Page"/>; a page at a time, however many
/// there are. A note whose configuration is refused meanwhile moves behind the others, but then the run is over.
/// </summary>
internal sealed class NoteFeed : IDisposable
{
    private readonly NfceQueue _queue;
    private readonly Store _store;
    private readonly NoteState _state;
    private readonly HashSet<string>? _only;
    private readonly SqlSession _session;
    private readonly Queue<QueuedNote> _page = new();
    private readonly object _gate = new();
    private QueuedNote? _last;
    private bool _exhausted;

    public NoteFeed(NfceQueue queue, Store store, NoteState state, IReadOnlyCollection<string>? only)
    {
        _queue = queue;
        _store = store;
        _state = state;
        _only = only is null ? null : new HashSet<string>(only, StringComparer.Ordinal);
        _session = queue.Database.Open(readOnly: true);
    }

    public QueuedNote? Next()
    {
        lock (_gate)
        {
            while (_page.Count == 0 && !_exhausted)
            {
                Turn();
            }

            return _page.Count == 0 ? null : _page.Dequeue();
        }
    }

    public void Dispose() => _session.Dispose();

    private void Turn()
    {
        List<QueuedNote> notes = _queue.Database.Guard(
            () => NoteWrites.Page(_session, _store.Id, _state, _last, _queue.Clock.GetUtcNow()));
        if (notes.Count == 0)
        {
            _exhausted = true;
            return;
        }

        _last = notes[notes.Count - 1];
        foreach (QueuedNote note in notes)
        {
            if (_only is null || _only.Contains(note.Key.Value))
            {
                _page.Enqueue(note);
            }
        }
    }
}
