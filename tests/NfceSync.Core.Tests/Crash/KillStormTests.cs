using System;
using System.Collections.Generic;
using System.Diagnostics;
using System.Globalization;
using System.IO;
using System.Linq;
using System.Text;
using System.Threading.Tasks;

using NfceSync.Core.Queue;
using NfceSync.Core.Tests.Sync;
using NfceSync.KillStorm;
using NfceSync.SefazSimulator;

using Xunit;
using Xunit.Abstractions;

using SefazService = NfceSync.SefazSimulator.SefazService;

namespace NfceSync.Core.Tests.Crash;

/// <summary>
/// A process syncs against a SEFAZ that lies and cuts, and is killed again and again. 200 times; <c>NFCE_KILLS</c> names
/// another number.
/// </summary>
public sealed class KillStormTests
{
    private const int NotesARound = 4;
    private const int FewestInAWindow = 20;
    private const int MostMarks = 40;
    private const int Seed = 20261124;

    private static readonly int Kills = int.Parse(Environment.GetEnvironmentVariable("NFCE_KILLS") ?? "200", CultureInfo.InvariantCulture);
    private static readonly TimeSpan UntilHeldNotesMayMove = TimeSpan.FromMinutes(61);
    private static readonly TimeSpan Starting = TimeSpan.FromMilliseconds(150);
    private static readonly TimeSpan Moment = TimeSpan.FromMilliseconds(6);
    private static readonly TimeSpan LookAgain = TimeSpan.FromMilliseconds(3);

    private readonly ITestOutputHelper _output;
    private readonly Random _random = new(Seed);
    private readonly ChildClock _clock = new();
    private readonly List<SignedNote> _notes = new();
    private readonly Dictionary<Window, int> _kills = Enum.GetValues<Window>().ToDictionary(window => window, _ => 0);
    private readonly Dictionary<string, int> _strayKills = new();
    private TestStore _store = null!;

    public KillStormTests(ITestOutputHelper output) => _output = output;

    /// <summary>Where a process is when it is killed.</summary>
    private enum Window
    {
        BeforeTheCommit,
        JustAfterACommit,
        BetweenCommitAndSend,
        OnTheWire,
        BetweenReplyAndCommit,
        WhileArchiving,
        AtARandomInstant,
    }

    [Fact]
    public async Task However_often_the_process_is_killed_no_note_is_lost_doubled_or_sent_while_uncertain()
    {
        var watch = Stopwatch.StartNew();
        await using TestStore store = await TestStore.CreateAsync(new SimulatorOptions { TimeProvider = _clock, Seed = Seed });
        _store = store;
        // Each process must find the database as the dead one left it: nobody else may have it open.
        store.Queue.Dispose();

        int rounds = 0;
        var plan = new Stack<Window>(Plan());
        while (plan.TryPop(out Window window))
        {
            Assert.True(++rounds < 4 * Kills, "The processes end before they can be killed.");
            DropNotes();
            if (await KilledIn(window) is { } hit)
            {
                _kills[hit]++;
            }
            else
            {
                plan.Push(window);
            }
        }

        double stormed = watch.Elapsed.TotalSeconds;
        int restarts = await RunToTheEnd();
        Print(rounds, restarts, stormed, watch.Elapsed.TotalSeconds);
        Assert.All(_kills, hit => Assert.True(hit.Value >= FewestInAWindow, $"{hit.Key}: {hit.Value} kills"));
        ProveByTheCalls();
        ProveByTheQueue();
    }

    private Window[] Plan()
    {
        Window[] aimed = Enum.GetValues<Window>().Where(window => window != Window.AtARandomInstant).ToArray();
        int each = Math.Max(FewestInAWindow, Kills / 10);
        var plan = aimed.SelectMany(window => Enumerable.Repeat(window, each))
            .Concat(Enumerable.Repeat(Window.AtARandomInstant, Math.Max(FewestInAWindow, Kills - (each * aimed.Length))))
            .ToArray();
        _random.Shuffle(plan);
        return plan;
    }

    private void DropNotes()
    {
        for (int i = 0; i < NotesARound; i++)
        {
            SignedNote note = _store.Factory.Create(new NoteRequest { Number = _notes.Count + 1, DhEmi = _clock.GetUtcNow().AddMinutes(-30) });
            _store.Drop(note.FileName, note.Bytes.ToArray());
            _notes.Add(note);
        }
    }

    /// <summary>One process and its end: the window in which it was killed, or null where it ended by itself.</summary>
    private async Task<Window?> KilledIn(Window window)
    {
        Lie();
        switch (window)
        {
            case Window.OnTheWire:
                return await KilledOnTheWire();
            case Window.AtARandomInstant:
                return await KilledAnywhere();
            default:
                await using (StormChild child = Start(PointIn(window), _random.Next(1, 5)))
                {
                    return await Task.WhenAny(child.Halted, child.Ended) == child.Halted && await Killed(child) ? window : null;
                }
        }
    }

    private CrashPoint PointIn(Window window) => window switch
    {
        Window.BeforeTheCommit => CrashPoint.BeforeCommit,
        Window.JustAfterACommit => CrashPoint.AfterCommit,
        Window.BetweenCommitAndSend => CrashPoint.BeforeSend,
        Window.BetweenReplyAndCommit => CrashPoint.Answered,
        _ => _random.GetItems(new[] { CrashPoint.BeforeArchiveWrite, CrashPoint.AfterArchiveWrite, CrashPoint.ArchiveSynced }, 1)[0],
    };

    private async Task<Window?> KilledOnTheWire()
    {
        // One answer is held back for longer than the process lives: while it is, the request has left and nothing came.
        SefazService service = _random.Next(3) == 0 ? SefazService.Consulta : SefazService.Autorizacao;
        _store.Simulator.Faults.Clear();
        _store.Simulator.Faults.Add(new FaultRule(FaultKind.Latency)
        {
            Service = service, FromCall = _random.Next(1, 4), Times = 1, Duration = TimeSpan.FromMinutes(1),
        });
        _store.Simulator.Faults.Add(Lies());
        long before = _store.Simulator.Ledger.Calls.Count;
        await using StormChild child = Start();
        while (!child.Ended.IsCompleted)
        {
            if (_store.Simulator.Ledger.Calls.Skip((int)before).FirstOrDefault(call => call.Fault == FaultKind.Latency) is { } held)
            {
                return await Killed(child) && !held.Delivered ? Window.OnTheWire : null;
            }

            await Task.WhenAny(child.Ended, Task.Delay(LookAgain));
        }

        await Killed(child);
        return null;
    }

    private async Task<Window?> KilledAnywhere()
    {
        // Most instants lie in the work: so many steps into it, however fast the machine is, and a moment. Some lie before it.
        bool starting = _random.Next(6) == 0;
        await using StormChild child = Start(reach: _random.Next(1, MostMarks));
        await Task.WhenAny(child.Ended, starting ? Task.CompletedTask : child.Reached);
        await Task.WhenAny(child.Ended, Task.Delay(_random.NextDouble() * (starting ? Starting : Moment)));
        if (child.Ended.IsCompleted)
        {
            await Killed(child);
            return null;
        }

        bool killed = await Killed(child);
        string last = child.Marks is [.., { } mark] ? mark.Split(' ')[0] : "before the first mark";
        _strayKills[last] = _strayKills.GetValueOrDefault(last) + 1;
        return killed ? Window.AtARandomInstant : null;
    }

    /// <summary>Kills it, unless it has just ended by itself, which must not be by an error.</summary>
    private async Task<bool> Killed(StormChild child)
    {
        if (!child.Ended.IsCompleted)
        {
            await child.KillAsync();
        }

        await child.Ended;
        Assert.Empty(child.Errors);
        if (child.ExitCode == ChildExit.Left)
        {
            // Notes that were asked for too often within the hour, or the service within three minutes.
            _clock.Shift += UntilHeldNotesMayMove;
        }

        bool killed = child.ExitCode is not (ChildExit.Complete or ChildExit.Left);
        Assert.True(!killed || child.ExitCode is 137 or -1, $"It ended with {child.ExitCode}.");
        return killed;
    }

    private async Task<int> RunToTheEnd()
    {
        for (int run = 1; run <= 50; run++)
        {
            Lie();
            await using StormChild child = Start();
            await child.Ended;
            Assert.False(await Killed(child));
            if (child.ExitCode == ChildExit.Complete)
            {
                return run;
            }
        }

        using NfceQueue queue = NfceQueue.Open(_store.QueueOptions);
        var left = queue.Pending(queue.Stores.Get(_store.Store.Name)).Select(item => $"{item.ChNFe} {item.State} {item.CStat} {item.Reason}");
        throw new InvalidOperationException("Nothing brings the last notes home: " + string.Join("; ", left));
    }

    private StormChild Start(CrashPoint? haltAt = null, int haltOn = 1, int reach = 0) => StormChild.Start(
        new ChildOptions
        {
            Home = _store.QueueOptions.Home!,
            StoreName = _store.Store.Name,
            ClockShift = _clock.Shift,
            HaltAt = haltAt,
            HaltOn = haltOn,
        },
        reach);

    private void Lie()
    {
        _store.Simulator.Faults.Clear();
        _store.Simulator.Faults.Add(Lies());
    }

    /// <summary>Everything that can go wrong on the way, and every lie that a consultation can set right.</summary>
    private static FaultRule[] Lies()
    {
        static FaultRule Now(FaultKind kind, double probability = 0.012) => new(kind) { Probability = probability };

        return new[]
        {
            Now(FaultKind.TlsHandshakeClosed),
            Now(FaultKind.TlsHandshakeReset),
            Now(FaultKind.CutAfterRequest),
            Now(FaultKind.CutAfterProcessing, 0.03),
            Now(FaultKind.CutAtQuarterOfReply),
            Now(FaultKind.CutAtHalfOfReply),
            Now(FaultKind.CutAtThreeQuartersOfReply),
            Now(FaultKind.AnswerNeverSent, 0.003),
            Now(FaultKind.HttpUnavailable),
            Now(FaultKind.HttpUnavailable) with { AfterProcessing = true },
            Now(FaultKind.HtmlPage) with { AfterProcessing = true },
            Now(FaultKind.SoapFault),
            Now(FaultKind.SoapFault) with { AfterProcessing = true },
            Now(FaultKind.EmptyBody) with { AfterProcessing = true },
            Now(FaultKind.InvalidReply),
            Now(FaultKind.WrongTpAmb),
            Now(FaultKind.PausedForNow, 0.005),
            Now(FaultKind.SlowDrip) with { Duration = TimeSpan.FromMilliseconds(80) },
            Now(FaultKind.UnknownCode) with { Service = SefazService.Autorizacao, AfterProcessing = true },
            Now(FaultKind.MissingDigVal) with { Service = SefazService.Autorizacao },
            Now(FaultKind.DelayedProcessing, 0.03) with { Service = SefazService.Autorizacao },
            Now(FaultKind.Receipt, 0.03) with { Service = SefazService.Autorizacao },
            Now(FaultKind.EndlessDuplicate, 0.01) with { Service = SefazService.Autorizacao },
        };
    }

    private void Print(int rounds, int restarts, double stormed, double all)
    {
        _output.WriteLine($"{_kills.Values.Sum()} kills in {rounds} processes and {stormed:F0} s; {restarts} more to the end, {all:F0} s in all");
        foreach ((Window window, int count) in _kills)
        {
            _output.WriteLine($"  {window,-24}{count,5}");
        }

        _output.WriteLine("last mark before a kill at a random instant:");
        foreach ((string mark, int count) in _strayKills.OrderByDescending(mark => mark.Value))
        {
            _output.WriteLine($"  {mark,-24}{count,5}");
        }

        IReadOnlyList<CallRecord> calls = _store.Simulator.Ledger.Calls;
        _output.WriteLine($"{_notes.Count} notes, {calls.Count} calls, {CallOrder.Of(calls).SentAgain} transmissions of a note sent before; clock moved on by {_clock.Shift}");
        foreach (IGrouping<FaultKind?, CallRecord> fault in calls.Where(call => call.Fault is not null).GroupBy(call => call.Fault).OrderBy(fault => fault.Key))
        {
            _output.WriteLine($"  {fault.Key,-28}{fault.Count(),5}");
        }
    }

    private void ProveByTheCalls()
    {
        IReadOnlyList<CallRecord> calls = _store.Simulator.Ledger.Calls;
        Assert.Equal(
            _notes.Select(note => note.ChNFe).Order(),
            calls.Where(call => call.Registered).Select(call => call.ChNFe).Order());
        CallOrder order = CallOrder.Of(calls);
        List<string> doubtful = order.SentWhileUncertain.Where(key => !WasToldNotFound(key)).ToList();
        Assert.True(doubtful.Count == 0, string.Join("\n", doubtful.Select(Story)));
        Assert.True(order.SentAgain > 0, "No note was sent a second time: the order proves nothing.");
        // The limits are counted on disk: however often it was killed, SEFAZ never had a reason to block.
        Assert.Equal(0, _store.Simulator.Counters.Blocked);
    }

    /// <summary>
    /// Whether the queue had "not found" written down between each transmission of the note and the next. A client that is
    /// killed at the very end of an answer has had it, though the server's side of the connection says that it was lost.
    /// </summary>
    private bool WasToldNotFound(string key)
    {
        using NfceQueue queue = NfceQueue.Open(_store.QueueOptions);
        using SqlSession session = queue.Database.Open(readOnly: true);
        bool uncertain = false;
        foreach ((Core.Stores.SefazService service, Core.Sefaz.WireOutcome outcome, int? cStat) in session.Query(
            "SELECT a.service, a.outcome, a.c_stat FROM attempt a JOIN note n USING (note_id) WHERE n.ch_nfe = $1 ORDER BY a.attempt_id",
            row => ((Core.Stores.SefazService)row.GetInt32(0), (Core.Sefaz.WireOutcome)row.GetInt32(1), row.Int(2)),
            key))
        {
            if (service == Core.Stores.SefazService.Autorizacao)
            {
                if (uncertain)
                {
                    return false;
                }

                uncertain = outcome != Core.Sefaz.WireOutcome.NotSent && cStat is not (108 or 109 or 656);
            }
            else if (service == Core.Stores.SefazService.ConsultaProtocolo && cStat == 217)
            {
                uncertain = false;
            }
        }

        return true;
    }

    /// <summary>What SEFAZ saw of a note, and what the queue had written down.</summary>
    private string Story(string key)
    {
        using NfceQueue queue = NfceQueue.Open(_store.QueueOptions);
        using SqlSession session = queue.Database.Open(readOnly: true);
        IEnumerable<string> calls = _store.Simulator.Ledger.CallsAbout(key).Select(call =>
            $"{call.At:HH:mm:ss.fff} {call.Service} {call.CStat} {call.Fault} {(call.Delivered ? "delivered" : "not delivered")}{(call.Registered ? " registered" : "")}");
        IEnumerable<string> attempts = session.Query(
            "SELECT a.started_at, a.service, a.outcome, a.c_stat, a.lease_token FROM attempt a JOIN note n USING (note_id) WHERE n.ch_nfe = $1 ORDER BY 1",
            row => $"{DateTimeOffset.FromUnixTimeMilliseconds(row.GetInt64(0)):HH:mm:ss.fff} {(Core.Stores.SefazService)row.GetInt32(1)} {(Core.Sefaz.WireOutcome)row.GetInt32(2)} {row.Int(3)} of run {row.GetInt64(4)}",
            key).ToList();
        return $"{key} at SEFAZ:\n  {string.Join("\n  ", calls)}\n in the queue:\n  {string.Join("\n  ", attempts)}";
    }

    private void ProveByTheQueue()
    {
        using NfceQueue queue = NfceQueue.Open(_store.QueueOptions);
        Assert.Null(queue.FindDamage());
        using SqlSession session = queue.Database.Open(readOnly: true);
        Assert.Equal(0, session.Scalar<long>("SELECT count(*) FROM lease WHERE released_at IS NULL"));
        List<Row> rows = session.Query(
            """
            SELECT n.ch_nfe, n.state, n.digest_value, n.n_prot, n.archived_at, v.bytes, n.protocol, n.note_id
            FROM note n JOIN note_version v USING (version_id)
            """,
            row => new Row(
                row.GetString(0),
                (Core.Queue.NoteState)row.GetInt32(1),
                row.GetString(2),
                row.GetString(3),
                !row.IsDBNull(4),
                row.GetFieldValue<byte[]>(5),
                row.GetFieldValue<byte[]>(6),
                row.GetInt64(7))).ToList();
        Assert.Equal(_notes.Select(note => note.ChNFe).Order(), rows.Select(row => row.ChNFe).Order());
        Assert.Equal(_notes.Count, _store.Simulator.Ledger.Entries.Count);

        Dictionary<string, string> archive = Directory.GetFiles(_store.ArchivePath, "*", SearchOption.AllDirectories)
            .ToDictionary(path => Path.GetFileName(path));
        Assert.Equal(_notes.Select(note => note.ChNFe + "-procNFe.xml").Order(), archive.Keys.Order());
        Dictionary<string, Row> byKey = rows.ToDictionary(row => row.ChNFe);
        foreach (SignedNote note in _notes)
        {
            Row row = byKey[note.ChNFe];
            LedgerEntry truth = _store.Simulator.Ledger.Find(note.ChNFe)!;
            Assert.Equal(Core.Queue.NoteState.Authorized, row.State);
            Assert.True(row.Archived);
            Assert.Equal(note.DigestValue, row.DigestValue);
            Assert.Equal(note.DigestValue, truth.DigVal);
            Assert.Equal(truth.NProt, row.NProt);
            Assert.True(note.Bytes.Span.SequenceEqual(row.Bytes), "The queue holds other bytes.");
            Assert.True(note.Bytes.Span.SequenceEqual(truth.Bytes.Span), "SEFAZ has other bytes.");
            Assert.Equal(NfeProc(row), File.ReadAllBytes(archive[note.ChNFe + "-procNFe.xml"]));
            Assert.Contains($"<nProt>{truth.NProt}</nProt>", Encoding.UTF8.GetString(row.Protocol), StringComparison.Ordinal);
            AssertAskedBetween(session, row.NoteId);
        }
    }

    private static byte[] NfeProc(Row row) => Encoding.UTF8.GetBytes(
            "<?xml version=\"1.0\" encoding=\"UTF-8\"?><nfeProc xmlns=\"http://www.portalfiscal.inf.br/nfe\" versao=\"4.00\">")
        .Concat(row.Bytes).Concat(row.Protocol).Concat(Encoding.UTF8.GetBytes("</nfeProc>")).ToArray();

    // The same order once more, from the attempts that were written down before each call: they also know of requests that
    // died with the process before SEFAZ had them.
    private static void AssertAskedBetween(SqlSession session, long noteId)
    {
        bool uncertain = false;
        foreach ((Core.Stores.SefazService service, int outcome, int? cStat) in session.Query(
            "SELECT service, outcome, c_stat FROM attempt WHERE note_id = $1 ORDER BY attempt_id",
            row => ((Core.Stores.SefazService)row.GetInt32(0), row.GetInt32(1), row.Int(2)),
            noteId))
        {
            if (service == Core.Stores.SefazService.Autorizacao)
            {
                Assert.False(uncertain);
                bool neverLeft = outcome == (int)Core.Sefaz.WireOutcome.NotSent;
                uncertain = !neverLeft && cStat is not (108 or 109);
            }
            else if (service == Core.Stores.SefazService.ConsultaProtocolo && cStat == 217)
            {
                uncertain = false;
            }
        }
    }

    private sealed record Row(
        string ChNFe,
        Core.Queue.NoteState State,
        string DigestValue,
        string NProt,
        bool Archived,
        byte[] Bytes,
        byte[] Protocol,
        long NoteId);
}
