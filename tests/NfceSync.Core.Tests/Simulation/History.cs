using System;
using System.Collections.Generic;
using System.Linq;
using System.Threading;

using Microsoft.Data.Sqlite;

using NfceSync.Core.Notes;
using NfceSync.Core.Queue;
using NfceSync.Core.Stores;
using NfceSync.Core.Sync;

namespace NfceSync.Core.Tests.Simulation;

/// <summary>
/// One history, fixed by its seed: a few notes, some hours of trouble in which processes come, fail, compete and go, and then
/// a time without faults in which every note must come to its end.
/// </summary>
internal sealed class History : IDisposable
{
    private const int RunsToTheEnd = 14;

    private static readonly CrashPoint[] Points = Enum.GetValues<CrashPoint>();

    private readonly SqlSession _intake;
    private readonly Arrivals _arrivals;
    private readonly List<(string Path, SourceDocument Document)> _files = new();
    private readonly List<SimProcess> _all = new();
    private readonly Random _dice;
    private readonly bool _crashes;
    private readonly bool _stalls;
    private readonly bool _stops;
    private readonly int _throttle;
    private int _born;
    private int _slotsBusy;
    private string? _broken;

    public History(int seed, SimDatabase database, Tally tally, bool tracing)
    {
        Seed = seed;
        DataSource = database.DataSource;
        Store = database.Store;
        _dice = new Random(seed ^ 0x5eed);
        World = new World(seed, StartTime(), tally) { Tracing = tracing };
        Sefaz = new SimSefaz(World);
        Archive = new SimArchive(World);
        Checker = new Checker(this, database.Reset());
        var connection = new SqliteConnection(SimDatabase.ConnectionString(DataSource));
        connection.Open();
        _intake = new SqlSession(connection);
        _arrivals = new Arrivals(Store, new[] { Store }, DeadlineRules.BuiltIn);
        _crashes = Often(0.6);
        _stalls = Often(0.3);
        _stops = Often(0.2);
        _throttle = _dice.Next(1, 5);
    }

    public int Seed { get; }

    public World World { get; }

    public SimSefaz Sefaz { get; }

    public SimArchive Archive { get; }

    public Checker Checker { get; }

    public Store Store { get; }

    public string DataSource { get; }

    /// <summary>The simulation's own look into the queue.</summary>
    public SqlSession Look => _intake;

    /// <summary>How likely the wire does something to a call.</summary>
    public double FaultRate { get; private set; }

    /// <summary>What the wire does in this history: often only one or two kinds, so that these meet each other often.</summary>
    public IReadOnlyList<Fault> Faults { get; private set; } = Array.Empty<Fault>();

    /// <summary>The keys of all notes that came in.</summary>
    public HashSet<string> Entered { get; } = new(StringComparer.Ordinal);

    /// <summary>Plays it; null, or the rule that was broken.</summary>
    public string? Play()
    {
        try
        {
            Arrange();
            World.RunUntil(() => _broken is not null || _slotsBusy == 0);
            Calm();
        }
        catch (InvariantBroken e)
        {
            _broken ??= e.Message;
        }

        return _broken;
    }

    public void Broken(string rule)
    {
        _broken ??= rule;
        World.Note("BROKEN: " + rule);
        throw new InvariantBroken(rule);
    }

    public static string Short(string key) => key.Length == 0 ? "-" : "note " + key[25..34].TrimStart('0');

    public void Dispose()
    {
        _all.Where(process => !process.Ended).ToList().ForEach(process => process.Dispose());
        Checker.Dispose();
        _intake.Dispose();
    }

    private DateTimeOffset StartTime() => NotePool.Base + _dice.Next(10) switch
    {
        0 or 1 => TimeSpan.FromMinutes(-10),
        2 => TimeSpan.FromHours(26),
        _ => TimeSpan.FromMinutes(_dice.Next(20, 300)),
    };

    private bool Often(double probability) => _dice.NextDouble() < probability;

    private TimeSpan Within(double hours) => TimeSpan.FromHours(_dice.NextDouble() * hours);

    private void Arrange()
    {
        double[] rates = { 0, 0.1, 0.25, 0.5, 0.9 };
        FaultRate = rates[_dice.Next(rates.Length)];
        Fault[] faults = Enum.GetValues<Fault>().Skip(1).OrderBy(_ => _dice.Next()).ToArray();
        Faults = faults.Take(Often(0.5) ? _dice.Next(1, 4) : faults.Length).ToArray();
        Sefaz.AsyncRate = Often(0.3) ? 0.4 : 0;
        Sefaz.LagRate = Often(0.2) ? 0.4 : 0;
        Sefaz.OddRate = Often(0.2) ? 0.15 : 0;
        Archive.Trouble = Often(0.2) ? 0.3 : 0;
        foreach (PoolVersion[] note in NotePool.Notes.OrderBy(_ => _dice.Next()).Take(_dice.Next(1, 6)))
        {
            ArrangeNote(note);
        }

        Happens(0.15, 2, () => World.JumpClock(World.Between(TimeSpan.FromSeconds(30), TimeSpan.FromHours(World.Chance(0.3) ? 30 : 3))));
        Happens(0.15, 2, () => World.JumpClock(-World.Between(TimeSpan.FromSeconds(30), TimeSpan.FromHours(World.Chance(0.3) ? 30 : 3))));
        Happens(0.1, 1, () => World.RightClock());
        Happens(0.1, 1, () => Pause(TimeSpan.FromMinutes(World.Dice.Next(1, 90))));
        Happens(0.05, 1, () =>
        {
            Sefaz.MisconfiguredUntil = World.Now + World.Between(TimeSpan.FromMinutes(1), TimeSpan.FromHours(World.Chance(0.3) ? 48 : 1));
            World.Tally.Count("world: certificate refused for a while");
        });
        Happens(0.08, 1, () =>
        {
            Sefaz.Block();
            World.Tally.Count("world: blocked by what another program did");
            World.Note("SEFAZ blocks");
        });
        Happens(0.15, 2, PowerFails);
        Slot("A", _dice.Next(1, 5), TimeSpan.Zero);
        if (Often(0.35))
        {
            Slot("B", _dice.Next(1, 4), TimeSpan.FromSeconds(_dice.NextDouble() * 4));
        }

        if (Often(0.03))
        {
            // A task that the machine runs again and again, whatever SEFAZ says.
            World.Tally.Count("world: scheduled for a day");
            Slot("S", _dice.Next(40, 80), TimeSpan.Zero);
        }
    }

    private void ArrangeNote(PoolVersion[] note)
    {
        Nature nature = _dice.Next(12) switch
        {
            0 => Nature.Alerted,
            1 or 2 => Nature.Content,
            3 => (Nature)_dice.Next((int)Nature.UnknownRejection, (int)Nature.BadSettingInNote + 1),
            _ => Nature.Good,
        };
        PoolVersion first = note[0];
        Sefaz.Is(first.DigVal, nature);
        if (Often(0.04))
        {
            Sefaz.HidesDigVal.Add(first.Key);
        }

        TimeSpan comes = Often(0.7) ? TimeSpan.Zero : Within(0.05);
        bool tooOld = Often(0.04);
        if (tooOld)
        {
            Sefaz.TooOld.Add(first.Key);
        }

        World.After(comes, () => Drop(first.Document, first.Key));
        if (nature is Nature.Content or Nature.UnknownRejection or Nature.BadSettingInNote && Often(0.7))
        {
            World.After(comes + Within(1), () => DropOther(note[1]));
        }

        if (Often(0.03))
        {
            World.After(comes + Within(0.2), () => DropOther(note[2]));
        }

        if (Often(0.12))
        {
            World.After(Within(0.1), () => ErpSends(Often(0.8) ? note[0] : note[2], note));
        }
        else if (!tooOld && Often(0.03))
        {
            World.After(Within(0.1), () => DropFalseEvidence(first));
        }

        if (Often(0.08))
        {
            World.After(comes + Within(0.5), () => CancelElsewhere(first.Key));
        }

        if (Often(0.05))
        {
            World.After(comes + Within(0.2), () => ErpAsks(first.Key));
        }

        if (tooOld)
        {
            World.After(comes + Within(1.5), () => DropEvidence(note));
        }

        if (Often(0.02))
        {
            string path = Core.Sync.Archive.PathOf(Store, AccessKey.Parse(first.Key), first.DhEmi);
            Archive.Squat(path);
        }
    }

    private void Happens(double probability, double withinHours, Action act)
    {
        if (Often(probability))
        {
            // Most of what happens in a run happens in its first seconds.
            World.After(Often(0.5) ? TimeSpan.FromSeconds(_dice.NextDouble() * 20) : Within(withinHours), act);
        }
    }

    private void Pause(TimeSpan duration)
    {
        Sefaz.PausedUntil = World.Now + duration;
        World.Tally.Count("world: service paused");
        World.Note($"SEFAZ pauses for {duration}");
    }

    private void PowerFails()
    {
        World.Tally.Count("world: power failure");
        foreach (SimProcess process in World.Processes.Where(process => !process.IsOver).ToList())
        {
            process.Die("of a power failure");
        }

        Archive.PowerFails();
        Checker.CheckArchive();
    }

    private void ErpSends(PoolVersion version, PoolVersion[] note)
    {
        Registered? held = Sefaz.TakeFromErp(version);
        World.Tally.Count("world: the ERP transmits by itself");
        World.Note($"the ERP sends {Short(version.Key)}");
        if (held is not null && World.Chance(0.6))
        {
            World.After(World.Between(TimeSpan.Zero, TimeSpan.FromMinutes(10)), () => DropEvidence(note));
        }
    }

    private void ErpAsks(string key)
    {
        World.Tally.Count("world: the ERP consults by itself");
        for (int i = 0; i < 9; i++)
        {
            Sefaz.ConsultFromErp(key);
        }
    }

    private void CancelElsewhere(string key)
    {
        if (Sefaz.Find(key) is { CStat: not 302 } held)
        {
            held.Cancelled = true;
            World.Tally.Count("world: cancelled elsewhere");
            World.Note($"{Short(key)} is cancelled elsewhere");
        }
    }

    private void DropEvidence(PoolVersion[] note)
    {
        if (Sefaz.Find(note[0].Key) is not { CStat: not 302 } held)
        {
            return;
        }

        PoolVersion about = note.First(version => version.DigVal == held.DigVal);
        Checker.Proven(about.Key);
        World.Tally.Count("world: evidence comes in");
        Drop(about.WithProtocol(DocumentKind.Evidence, Sefaz.ProtocolOf(about.Key)), about.Key);
    }

    private void DropFalseEvidence(PoolVersion version)
    {
        Checker.Mislead(version.Key);
        bool contradicted = World.Chance(0.5);
        World.Tally.Count(contradicted ? "world: contradicted evidence comes in" : "world: evidence that SEFAZ does not confirm");
        string protocol = SimSefaz.ProtNFe(version.Key, contradicted ? "AAAAAAAAAAAAAAAAAAAAAAAAAAA=" : version.DigVal, 100, "Autorizado", "143000000000001", World.Now);
        Drop(version.WithProtocol(contradicted ? DocumentKind.ContradictedEvidence : DocumentKind.Evidence, protocol), version.Key);
    }

    private void DropOther(PoolVersion version)
    {
        World.Tally.Count("world: other bytes under a known key");
        if (Checker.MustTake(version))
        {
            World.Tally.Count("world: a correction");
            Drop(version.Document, version.Key, everything: false);
            Checker.Taken(version);
            return;
        }

        Checker.Doubt(version.Key);
        Drop(version.Document, version.Key);
    }

    /// <summary>The ERP leaves a file, and somebody lists what is pending: the folder is taken in.</summary>
    private void Drop(SourceDocument document, string key, bool? everything = null)
    {
        _files.Add(($"/sim/source/{_files.Count}.xml", document));
        Entered.Add(key);
        TakeIn(everything ?? World.Chance(0.3));
    }

    // Mostly what is new, often all files again: finding the same again must change nothing, and what waits may pass now.
    private void TakeIn(bool everything)
    {
        _intake.Execute("BEGIN IMMEDIATE");
        foreach (var (path, document) in everything ? _files : _files.TakeLast(1))
        {
            _arrivals.Enter(_intake, new FoundFile(path, 1, 1, new[] { document }, null), World.WallNow);
        }

        _intake.Execute("COMMIT");
        World.Note("the folder is taken in");
        Checker.AfterCommit(null);
    }

    /// <summary>One place from which runs are started, one after the other.</summary>
    private void Slot(string name, int runs, TimeSpan delay)
    {
        _slotsBusy++;
        World.After(delay, () => StartRun(name, runs));
    }

    private void StartRun(string slot, int left)
    {
        SimProcess process = NewProcess(slot, Fate());
        process.Start(Store, Options(process));
        Watch();

        void Watch()
        {
            if (!process.IsOver)
            {
                World.After(TimeSpan.FromSeconds(1), Watch);
            }
            else if (left > 1)
            {
                World.After(NextStart(), () => StartRun(slot, left - 1));
            }
            else
            {
                _slotsBusy--;
            }
        }
    }

    private TimeSpan NextStart() => World.Dice.Next(4) switch
    {
        0 => World.Between(TimeSpan.Zero, TimeSpan.FromSeconds(5)),
        1 => World.Between(TimeSpan.FromMinutes(10), TimeSpan.FromMinutes(90)),
        _ => World.Between(TimeSpan.FromSeconds(5), TimeSpan.FromMinutes(4)),
    };

    private ProcessFate Fate()
    {
        bool crash = _crashes && World.Chance(0.6);
        bool atPoint = World.Chance(0.5);
        return new ProcessFate(
            crash && !atPoint ? World.Dice.Next(1, World.Chance(0.5) ? 60 : 500) : 0,
            _stalls && World.Chance(0.5) ? World.Dice.Next(1, 250) : 0,
            _stops && World.Chance(0.5) ? World.Dice.Next(1, 250) : 0,
            crash && atPoint ? Points[World.Dice.Next(Points.Length)] : null,
            World.Dice.Next(1, 12));
    }

    private SimProcess NewProcess(string slot, ProcessFate fate)
    {
        var process = new SimProcess(this, $"{slot}{++_born}", fate);
        _all.Add(process);
        return process;
    }

    private SyncOptions Options(SimProcess process) => new()
    {
        ThrottleLimit = _throttle,
        Wait = process.Name[0] == 'B' && World.Chance(0.5),
        Pacing = new SyncPacing { Random = World.Dice.NextDouble },
    };

    /// <summary>No more faults: a run now and then, and every note must come to its end.</summary>
    private void Calm()
    {
        if (_broken is not null)
        {
            return;
        }

        FaultRate = 0;
        Sefaz.AsyncRate = Sefaz.LagRate = Sefaz.OddRate = 0;
        Archive.Trouble = 0;
        World.RunUntil(() => _broken is not null);
        Sefaz.MisconfiguredUntil = DateTimeOffset.MinValue;
        Unsquat();
        World.RightClock();
        World.Note("the faults are over");
        TakeIn(everything: true);
        for (int run = 1; run <= RunsToTheEnd && _broken is null; run++)
        {
            SimProcess process = NewProcess("C", ProcessFate.Undisturbed);
            process.Start(Store, Options(process));
            World.RunUntil(() => _broken is not null || process.IsOver);
            if (_broken is null && !process.IsOver)
            {
                Broken("a run hangs: nothing can happen any more and it has not ended");
            }

            // What was put aside while SEFAZ's answer was to come may be news now.
            TakeIn(everything: true);
            if (Checker.AllAtRest)
            {
                World.Tally.Count("runs to the end: " + run.ToString("D2", System.Globalization.CultureInfo.InvariantCulture));
                Checker.AtTheEnd();
                return;
            }

            bool passed = false;
            World.After(TimeSpan.FromMinutes(70), () => passed = true);
            World.RunUntil(() => passed || _broken is not null);
        }

        if (_broken is null)
        {
            Broken("the history does not end: " + Checker.StillOpen);
        }
    }

    private void Unsquat()
    {
        foreach (PoolVersion[] note in NotePool.Notes)
        {
            string path = Core.Sync.Archive.PathOf(Store, AccessKey.Parse(note[0].Key), note[0].DhEmi);
            if (Archive.SyncedBytes(path) is { } bytes && bytes.AsSpan().SequenceEqual("something else"u8))
            {
                Archive.Unsquat(path);
            }
        }
    }
}

/// <summary>A database in memory that is put back to its beginning before each history: the schema and one store.</summary>
internal sealed class SimDatabase : IDisposable
{
    private static int _made;

    private readonly SqliteConnection _template = new(ConnectionString(":memory:"));
    private readonly SqliteConnection _live;

    public SimDatabase()
    {
        // A name of its own: a broken history leaves its processes in mid-step, and their connections open.
        DataSource = $"file:/nfcesync-sim-{Interlocked.Increment(ref _made)}?vfs=memdb";
        _live = new SqliteConnection(ConnectionString(DataSource));
        _live.Open();
        using (NfceQueue queue = NfceQueue.Open(new QueueOptions { MemoryDataSource = DataSource }))
        {
            Store = queue.Stores.Register(new Store
            {
                Name = "Loja 01",
                IssuerId = NotePool.Issuer,
                Uf = "RS",
                Environment = SefazEnvironment.Homologacao,
                System = StoreSystem.Plus,
                Sources = new[] { new SourceFolder(Root + "source") },
                ArchivePath = Root + "archive",
                Certificate = new CertificateReference(Root + "store.pfx", null),
            });
        }

        _template.Open();
        _live.BackupDatabase(_template);
    }

    public string DataSource { get; }

    public Store Store { get; }

    private static string Root => OperatingSystem.IsWindows() ? @"C:\sim\" : "/sim/";

    public static string ConnectionString(string dataSource) =>
        new SqliteConnectionStringBuilder { DataSource = dataSource, Pooling = false }.ToString();

    public SqliteConnection Reset()
    {
        _template.BackupDatabase(_live);
        return _live;
    }

    public void Dispose()
    {
        _live.Dispose();
        _template.Dispose();
    }
}
