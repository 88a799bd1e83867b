using System;
using System.Collections.Generic;
using System.IO;
using System.Linq;
using System.Net;
using System.Security;
using System.Security.Cryptography.X509Certificates;
using System.Text.RegularExpressions;
using System.Threading;
using System.Threading.Tasks;

using NfceSync.Core.Notes;
using NfceSync.Core.Queue;
using NfceSync.Core.Sefaz;
using NfceSync.Core.Stores;
using NfceSync.Core.Sync;

using Xunit;

namespace NfceSync.Core.Tests.Mono;

/// <summary>A store's folder, from reading its files to their archive, with notes and a SEFAZ of the simulator's making.</summary>
public sealed class FolderTests : IDisposable
{
    private const string Password = "test-only";

    private readonly string _folder = Directory.CreateTempSubdirectory("nfcesync-folder-").FullName;
    private NfceQueue _queue;
    private Store _store;

    public FolderTests()
    {
        _queue = Open();
        Directory.CreateDirectory(SourcePath);
        _store = _queue.Stores.Register(new Store
        {
            Name = "Loja 01",
            IssuerId = "12345678000195",
            Uf = "RS",
            Environment = SefazEnvironment.Homologacao,
            System = StoreSystem.Plus,
            Sources = new[] { new SourceFolder(SourcePath) },
            ArchivePath = ArchivePath,
            Certificate = new CertificateReference(MadeFiles.PfxPath, null),
            ServiceBaseAddress = MadeFiles.Sefaz,
            TrustedRootPath = MadeFiles.RootPath,
        });
    }

    public static TheoryData<string> Names
    {
        get
        {
            var names = new TheoryData<string>();
            foreach (MadeFile file in MadeFiles.All)
            {
                names.Add(file.Name);
            }

            return names;
        }
    }

    // No long wait between a lost answer and the consultation.
    private static SyncOptions Quick { get; } = new() { Pacing = new SyncPacing { ConsultDelay = TimeSpan.FromMilliseconds(5) } };

    private string SourcePath => Path.Combine(_folder, "source");

    private string ArchivePath => Path.Combine(_folder, "archive");

    public void Dispose()
    {
        _queue.Dispose();
        Directory.Delete(_folder, recursive: true);
    }

    [Theory]
    [MemberData(nameof(Names))]
    public void A_file_is_read_as_what_it_was_made_as(string name)
    {
        MadeFile made = MadeFiles.All.Single(file => file.Name == name);

        SourceDocument document = Assert.Single(NoteReader.ReadFile(made.Path));

        Assert.Equal((made.Kind, made.Reason), (document.Kind.ToString(), document.ReasonId));
        if (made.ChNFe is not null)
        {
            Assert.Equal(made.ChNFe, document.ChNFe);
            Assert.Equal(File.ReadAllBytes(made.NotePath), document.Note!.Bytes.ToArray());
        }
    }

    [Fact]
    public async Task A_folder_becomes_what_the_table_says_and_stays_as_it_is()
    {
        Drop(MadeFiles.All);
        Dictionary<string, byte[]> before = Directory.GetFiles(SourcePath).ToDictionary(path => path, File.ReadAllBytes);

        IntakeReport first = await TakeIn();
        IntakeReport again = await TakeIn();

        Assert.Equal((MadeFiles.All.Count, MadeFiles.All.Count), (first.FilesSeen, first.FilesRead));
        Assert.Equal((MadeFiles.All.Count, 0, 0), (again.FilesSeen, again.FilesRead, again.NewNotes));
        Assert.Equal(MadeFiles.All.Select(Becomes).Where(item => item is not null).Order(), Pending());
        Assert.Equal(Keys("LimboCandidate"), _queue.LimboCandidates(_store));
        Assert.Equal(MadeFiles.All.Count(file => file.Kind == "Ignored"), _queue.Ignored(_store).Values.Sum());
        Assert.All(before, file => Assert.Equal(file.Value, File.ReadAllBytes(file.Key)));
    }

    [Fact]
    public async Task What_was_taken_in_is_there_when_the_queue_is_opened_again()
    {
        Drop(MadeFiles.All);
        await TakeIn();
        IReadOnlyList<string> before = Pending();

        _queue.Dispose();
        _queue = Open();

        Assert.Equal(before, Pending());
        using SqlSession session = _queue.Database.Open(readOnly: true);
        Assert.All(MadeFiles.All.Where(file => file.Kind == "Contingency"), file => Assert.Equal(
            File.ReadAllBytes(file.NotePath),
            session.Query("SELECT v.bytes FROM note n JOIN note_version v USING (version_id) WHERE n.ch_nfe = $1", row => (byte[])row.GetValue(0), file.ChNFe).Single()));
    }

    [Fact]
    public async Task An_exception_takes_an_item_from_what_is_pending_and_can_be_undone()
    {
        Drop(MadeFiles.All.Where(file => file.Kind == "Quarantined").Take(1));
        await TakeIn();
        PendingItem item = Assert.Single(_queue.Pending(_store));
        Assert.False((await Verify()).Complete);

        _queue.Except(item, "lixo do instalador", "ana");
        Assert.Equal(0, _queue.CountPending(_store));
        Assert.True((await Verify()).Complete);

        _queue.Except(Assert.Single(_queue.Excepted(_store)), null, "ana");
        Assert.Equal(1, _queue.CountPending(_store));
    }

    [Fact]
    public async Task Every_note_is_sent_once_over_mutual_TLS_though_an_answer_is_lost_and_archived_and_proven()
    {
        MadeFile[] sent = MadeFiles.All.Where(file => file.Kind == "Contingency").ToArray();
        Drop(sent);
        await TakeIn();
        Control("faults", """{ "kind": "CutAfterProcessing", "service": "Autorizacao", "times": 1 }""");

        SyncReport report = await Sync();

        Assert.Null(report.Stop);
        Assert.Equal(sent.Length, report.Final);
        Assert.Equal(sent.Length, _queue.CountByState(_store)[NoteState.Authorized]);
        Assert.All(sent, file => Assert.True(
            File.ReadAllBytes(Directory.GetFiles(ArchivePath, file.ChNFe + "-procNFe.xml", SearchOption.AllDirectories).Single())
                .AsSpan().IndexOf(File.ReadAllBytes(file.NotePath)) > 0));
        Assert.True((await Verify()).Complete);
        Assert.Equal(sent.Select(file => file.ChNFe!).Order(), Values(Control("ledger"), "chNFe").Order());
        List<string> calls = Values(Control("calls"), "service");
        Assert.Equal((sent.Length, 1), (calls.Count(call => call == "Autorizacao"), calls.Count(call => call == "Consulta")));
    }

    [Fact]
    public async Task A_server_that_is_not_trusted_gets_nothing()
    {
        using X509Certificate2 certificate = StoreCertificate.Load(_store.Certificate, () => Secure(Password), DateTimeOffset.UtcNow);
        using var transport = new HttpSefazTransport(AddressOf, certificate, ServerTrust.Load(null), connections: 1);

        WireReply reply = await transport.SendAsync(SefazService.StatusServico, Array.Empty<byte>(), CancellationToken.None);

        Assert.Equal((WireOutcome.NotSent, ErrorIds.NfceServerCertificateUntrusted), (reply.Outcome, reply.Failure?.ErrorId));
    }

    private NfceQueue Open()
    {
        string home = Path.Combine(_folder, "queue");
        MonoLimits.MakeHome(home);
        return NfceQueue.Open(new QueueOptions { Home = home });
    }

    private void Drop(IEnumerable<MadeFile> files)
    {
        foreach (MadeFile file in files)
        {
            // Written long enough ago not to be looked into again.
            string path = Path.Combine(SourcePath, file.Name);
            File.Copy(file.Path, path);
            File.SetLastWriteTimeUtc(path, DateTime.UtcNow.AddMinutes(-1));
        }
    }

    private Task<IntakeReport> TakeIn() => new Intake(_queue, _store).TakeInAsync(CancellationToken.None);

    private Task<VerificationReport> Verify() => Verification.RunAsync(_queue, _store, CancellationToken.None);

    private async Task<SyncReport> Sync()
    {
        using X509Certificate2 certificate = StoreCertificate.Load(_store.Certificate, () => Secure(Password), DateTimeOffset.UtcNow);
        using var transport = new WebRequestTransport(AddressOf, certificate, ServerTrust.Load(_store.TrustedRootPath));
        return await SyncEngine.RunAsync(
            _queue, _store, transport, CertificateInfo.From(certificate).TaxId!, Quick, new Listener(), null, CancellationToken.None);
    }

    private List<string> Pending() => _queue.Pending(_store).Select(Shown).Order().ToList();

    private Uri AddressOf(SefazService service) =>
        _queue.Endpoints.For(_store.Uf, _store.Environment, service, _store.ServiceBaseAddress);

    // What the simulator's control endpoint answers, asked with or without a rule.
    private static string Control(string what, string? rule = null)
    {
        using var client = new WebClient();
        var address = new Uri(MadeFiles.Control, what);
        return rule is null ? client.DownloadString(address) : client.UploadString(address, rule);
    }

    private static List<string> Values(string json, string name) =>
        Regex.Matches(json, $"\"{name}\":\"([^\"]+)\"").Select(match => match.Groups[1].Value).ToList();

    private static string Shown(PendingItem item) => item.State == NoteState.Quarantined
        ? $"{Path.GetFileName(item.SourcePath)} {item.State} {item.ReasonId}"
        : $"{item.ChNFe} {item.State} {item.ReasonId}";

    private static string? Becomes(MadeFile file) => file.Kind switch
    {
        "Contingency" => $"{file.ChNFe} Pending ",
        "Evidence" => $"{file.ChNFe} Uncertain NfceEvidenceFound",
        "ContradictedEvidence" => $"{file.ChNFe} Conflict NfceEvidenceContradicts",
        "Quarantined" => $"{file.Name} Quarantined {file.Reason}",
        _ => null,
    };

    private static IEnumerable<string?> Keys(string kind) => MadeFiles.All.Where(file => file.Kind == kind).Select(file => file.ChNFe);

    private static SecureString Secure(string text)
    {
        var secure = new SecureString();
        foreach (char c in text)
        {
            secure.AppendChar(c);
        }

        return secure;
    }

    private sealed class Listener : ISyncListener
    {
        public void Decided(SyncResult result) => Assert.Equal(NoteState.Authorized, result.State);

        public void Progress(int done, int total) => Assert.InRange(done, 0, total);

        public void Tell(string text) => Assert.NotEmpty(text);

        public void Warn(NfceSyncException problem) => Assert.Fail(problem.Message);
    }
}
