using System;
using System.Collections.Generic;
using System.Threading.Tasks;

namespace NfceSync.Core.Tests.Simulation;

/// <summary>
/// The threads of one simulated process: every continuation is a step of its own, and the seed says which of those that are
/// ready comes next. A process that died takes no step any more.
/// </summary>
internal sealed class ProcessScheduler : TaskScheduler
{
    private readonly List<Task> _ready = new();
    private bool _closed;

    public bool HasWork => _ready.Count > 0;

    public void RunOne(Random dice)
    {
        int place = dice.Next(2) == 0 ? 0 : dice.Next(_ready.Count);
        Task task = _ready[place];
        _ready.RemoveAt(place);
        TryExecuteTask(task);
    }

    public void Start(Action work) => Task.Factory.StartNew(work, default, TaskCreationOptions.None, this);

    public void Close()
    {
        _closed = true;
        _ready.Clear();
    }

    protected override void QueueTask(Task task)
    {
        if (!_closed)
        {
            _ready.Add(task);
        }
    }

    // Never inline: what looks like one step in the source may be interrupted at each await.
    protected override bool TryExecuteTaskInline(Task task, bool taskWasPreviouslyQueued) => false;

    protected override IEnumerable<Task> GetScheduledTasks() => _ready;
}
