using System;
using System.Diagnostics;
using System.IO;
using System.Linq;
using System.Net;
using System.Net.Http;
using System.Net.Http.Json;
using System.Text.Json;
using System.Threading;
using System.Threading.Tasks;
using NfceSync.SefazSimulator;
using Xunit;

namespace NfceSync.Core.Tests.SimulatorTests;

public sealed class SefazSimulatorTests(SefazFixture fixture) : IClassFixture<SefazFixture>
{
    private const string Issuer = SefazFixture.Issuer;
    private readonly TestAuthority _authority = fixture.Authority;
    private readonly NoteFactory _factory = new(fixture.Authority);

    public static TheoryData<FaultKind> Kinds() => new(Enum.GetValues<FaultKind>());

    [Fact]
    public async Task A_client_with_a_certificate_is_served()
    {
        await using var sefaz = await Start();
        using var client = Envelopes.Client(_authority, _authority.Issue(Issuer));
        var note = _factory.Create();

        Assert.Equal("107", Envelopes.Text(await Ask(sefaz, client, SefazService.Status, Envelopes.Status()), "cStat"));
        Assert.Equal(100, Envelopes.CStat(await Ask(sefaz, client, SefazService.Autorizacao, Envelopes.Authorization(note.Bytes))));
        Assert.Equal(100, Envelopes.CStat(await Ask(sefaz, client, SefazService.Consulta, Envelopes.Consultation(note.ChNFe))));
        Assert.All(sefaz.Ledger.Calls, call => Assert.True(call is { Delivered: true, CertificateId: Issuer }));
    }

    [Fact]
    public async Task Without_a_certificate_nobody_is_served()
    {
        await using var sefaz = await Start();
        using var client = Envelopes.Client(_authority, null);

        await Assert.ThrowsAsync<HttpRequestException>(() => Ask(sefaz, client, SefazService.Status, Envelopes.Status()));
        Assert.Empty(sefaz.Ledger.Calls);
    }

    [Theory]
    [InlineData(CertificateDefect.Expired)]
    [InlineData(CertificateDefect.NotYetValid)]
    [InlineData(CertificateDefect.UnknownAuthority)]
    [InlineData(CertificateDefect.WithoutIdentity)]
    public async Task A_bad_client_certificate_is_refused_in_the_handshake(CertificateDefect defect)
    {
        await using var sefaz = await Start();
        using var client = Envelopes.Client(_authority, _authority.Issue(Issuer, defect));

        await Assert.ThrowsAsync<HttpRequestException>(() => Ask(sefaz, client, SefazService.Status, Envelopes.Status()));
        Assert.Empty(sefaz.Ledger.Calls);
    }

    [Theory]
    [InlineData(CertificateDefect.Expired, "281")]
    [InlineData(CertificateDefect.NotYetValid, "281")]
    [InlineData(CertificateDefect.WithoutIdentity, "282")]
    [InlineData(CertificateDefect.UnknownAuthority, "283")]
    public async Task A_bad_client_certificate_may_be_answered_by_its_code(CertificateDefect defect, string cStat)
    {
        await using var sefaz = await Start(new SimulatorOptions { CertificateRefusal = CertificateRefusal.Message });
        using var client = Envelopes.Client(_authority, _authority.Issue(Issuer, defect));

        Assert.Equal(cStat, Envelopes.Text(await Ask(sefaz, client, SefazService.Status, Envelopes.Status()), "cStat"));
    }

    [Fact]
    public async Task A_client_that_does_not_know_the_root_refuses_the_server()
    {
        await using var sefaz = await Start();
        using var stranger = TestAuthority.Create();
        using var client = Envelopes.Client(stranger, _authority.Issue(Issuer));

        var e = await Assert.ThrowsAsync<HttpRequestException>(() => Ask(sefaz, client, SefazService.Status, Envelopes.Status()));
        Assert.Equal(HttpRequestError.SecureConnectionError, e.HttpRequestError);
    }

    [Fact]
    public async Task The_certificate_serves_for_the_address_too()
    {
        await using var sefaz = await Start();
        using var client = Envelopes.Client(_authority, _authority.Issue(Issuer));
        using var request = Envelopes.Post(sefaz, SefazService.Status, Envelopes.Status());
        request.RequestUri = new UriBuilder(request.RequestUri!) { Host = "127.0.0.1" }.Uri;

        using var response = await client.SendAsync(request);
        Assert.Equal(HttpStatusCode.OK, response.StatusCode);
    }

    [Theory]
    [InlineData("ws/NfeAutorizacao/NFeAutorizacao4.asmx", SefazService.Autorizacao)]
    [InlineData("nfce-services/services/NfeAutorizacao4", SefazService.Autorizacao)]
    [InlineData("ws/NfeConsulta/NfeConsulta4.asmx", SefazService.Consulta)]
    [InlineData("nfce/NFeConsultaProtocolo4", SefazService.Consulta)]
    [InlineData("ws/NfeStatusServico/nfestatusservico4.ASMX", SefazService.Status)]
    [InlineData("ws/NFeRetAutorizacao4", SefazService.RetAutorizacao)]
    public async Task Services_are_found_under_the_paths_of_all_authorisers(string path, SefazService service)
    {
        await using var sefaz = await Start();
        using var client = Envelopes.Client(_authority, _authority.Issue(Issuer));
        using var request = Envelopes.Post(sefaz, service, Envelopes.Wrap(service, "<x/>"));
        request.RequestUri = new Uri(sefaz.BaseAddress, path);

        using var response = await client.SendAsync(request);
        Assert.Equal(HttpStatusCode.OK, response.StatusCode);
        Assert.Equal(service, sefaz.Ledger.Calls.Single().Service);
    }

    [Fact]
    public async Task Other_paths_methods_and_actions_are_refused()
    {
        await using var sefaz = await Start();
        using var client = Envelopes.Client(_authority, _authority.Issue(Issuer));

        Assert.Equal(HttpStatusCode.NotFound, (await client.GetAsync(new Uri(sefaz.BaseAddress, "ws/Other4"))).StatusCode);
        Assert.Equal(HttpStatusCode.MethodNotAllowed, (await client.GetAsync(sefaz.AddressOf(SefazService.Status))).StatusCode);
        using var request = Envelopes.Post(sefaz, SefazService.Status, Envelopes.Status());
        request.RequestUri = sefaz.AddressOf(SefazService.Consulta);
        Assert.Equal(HttpStatusCode.InternalServerError, (await client.SendAsync(request)).StatusCode);
    }

    [Theory]
    [MemberData(nameof(Kinds))]
    public async Task Every_fault_is_seen_by_a_bare_client_and_told_by_the_ledger(FaultKind kind)
    {
        await using var sefaz = await Start(new SimulatorOptions { HangLimit = TimeSpan.FromMilliseconds(300) });
        var note = _factory.Create();
        sefaz.Faults.Add(FaultRule.Once(kind) with { Duration = Slow(kind), CStat = 1234, Calls = 0 });

        var (seen, body) = await See(kind, sefaz, note, () => Envelopes.Client(_authority, _authority.Issue(Issuer)));

        Assert.Equal(Expected(kind), Seen(kind, seen, body, note));
        AssertLedger(sefaz.Core, note, kind);
    }

    [Theory]
    [MemberData(nameof(Kinds))]
    public async Task Every_fault_is_the_same_without_a_network(FaultKind kind)
    {
        using var core = new SefazCore(new SimulatorOptions { HangLimit = TimeSpan.FromMilliseconds(300) }, _authority);
        var note = _factory.Create();
        core.Faults.Add(FaultRule.Once(kind) with { Duration = Slow(kind), CStat = 1234, Calls = 0 });

        var (seen, body) = await See(kind, null, note, () => new HttpClient(new InMemoryHandler(core, Issuer)));

        Assert.Equal(Expected(kind), Seen(kind, seen, body, note));
        AssertLedger(core, note, kind);
    }

    [Fact]
    public async Task A_client_that_gives_up_finds_its_note_registered_but_undelivered()
    {
        await using var sefaz = await Start();
        using var client = Envelopes.Client(_authority, _authority.Issue(Issuer));
        var note = _factory.Create();
        sefaz.Faults.Add(FaultRule.Once(FaultKind.AnswerNeverSent));
        using var patience = new CancellationTokenSource(TimeSpan.FromMilliseconds(500));

        await Assert.ThrowsAnyAsync<OperationCanceledException>(async () =>
            await client.SendAsync(Envelopes.Post(sefaz, SefazService.Autorizacao, Envelopes.Authorization(note.Bytes)), patience.Token));

        Assert.True(sefaz.Ledger.CallsAbout(note.ChNFe).Single() is { Registered: true, Delivered: false });
        Assert.Equal(100, Envelopes.CStat(await Ask(sefaz, client, SefazService.Consulta, Envelopes.Consultation(note.ChNFe))));
    }

    [Theory]
    [InlineData(FaultKind.HttpUnavailable, HttpStatusCode.ServiceUnavailable)]
    [InlineData(FaultKind.HtmlPage, HttpStatusCode.OK)]
    [InlineData(FaultKind.SoapFault, HttpStatusCode.InternalServerError)]
    [InlineData(FaultKind.EmptyBody, HttpStatusCode.OK)]
    public async Task A_useless_answer_may_hide_that_the_note_was_registered(FaultKind kind, HttpStatusCode status)
    {
        await using var sefaz = await Start();
        using var client = Envelopes.Client(_authority, _authority.Issue(Issuer));
        var note = _factory.Create();
        sefaz.Faults.Add(FaultRule.Once(kind) with { AfterProcessing = true });
        using var request = Envelopes.Post(sefaz, SefazService.Autorizacao, Envelopes.Authorization(note.Bytes));

        using var response = await client.SendAsync(request);

        Assert.Equal(status, response.StatusCode);
        Assert.NotNull(sefaz.Ledger.Find(note.ChNFe));
    }

    [Theory]
    [InlineData(FaultKind.CutAfterProcessing)]
    [InlineData(FaultKind.CutAtHalfOfReply)]
    [InlineData(FaultKind.CutInRequest)]
    public async Task A_cut_on_a_warm_connection_is_one_call_and_leaves_the_simulator_working(FaultKind kind)
    {
        await using var sefaz = await Start();
        using var client = Envelopes.Client(_authority, _authority.Issue(Issuer));
        await Ask(sefaz, client, SefazService.Status, Envelopes.Status());
        sefaz.Faults.Add(FaultRule.Once(kind, SefazService.Autorizacao));

        await Assert.ThrowsAsync<HttpRequestException>(() => Ask(sefaz, client, SefazService.Autorizacao, Envelopes.Authorization(_factory.Create().Bytes)));

        Assert.Equal(1, sefaz.Counters.Calls(SefazService.Autorizacao));
        Assert.Equal("107", Envelopes.Text(await Ask(sefaz, client, SefazService.Status, Envelopes.Status()), "cStat"));
    }

    [Fact]
    public async Task Latency_and_another_fault_strike_together()
    {
        await using var sefaz = await Start();
        using var client = Envelopes.Client(_authority, _authority.Issue(Issuer));
        sefaz.Faults.Add(new FaultRule(FaultKind.Latency) { Duration = TimeSpan.FromMilliseconds(300), Jitter = TimeSpan.FromMilliseconds(50) }, new FaultRule(FaultKind.UnknownCode));
        var watch = Stopwatch.StartNew();

        Assert.Equal("999", Envelopes.Text(await Ask(sefaz, client, SefazService.Status, Envelopes.Status()), "cStat"));
        Assert.True(watch.Elapsed >= TimeSpan.FromMilliseconds(240), $"The reply came after {watch.Elapsed}.");
    }

    [Fact]
    public async Task Stopping_cuts_the_calls_in_flight()
    {
        var sefaz = await Start();
        using var client = Envelopes.Client(_authority, _authority.Issue(Issuer));
        sefaz.Faults.Add(FaultRule.Once(FaultKind.AnswerNeverSent));
        var call = Ask(sefaz, client, SefazService.Status, Envelopes.Status());
        while (sefaz.Ledger.Calls.Count == 0)
        {
            await Task.Delay(TimeSpan.FromMilliseconds(5));
        }

        var watch = Stopwatch.StartNew();
        await sefaz.DisposeAsync();

        await Assert.ThrowsAsync<HttpRequestException>(() => call);
        Assert.True(watch.Elapsed < TimeSpan.FromSeconds(10), $"Stopping took {watch.Elapsed}.");
    }

    [Fact]
    public async Task Requests_and_replies_are_written_to_the_wire_log()
    {
        var folder = Directory.CreateTempSubdirectory("sefaz").FullName;
        await using var sefaz = await Start(new SimulatorOptions { WireLogFolder = folder });
        using var client = Envelopes.Client(_authority, _authority.Issue(Issuer));

        var reply = await Ask(sefaz, client, SefazService.Status, Envelopes.Status());

        Assert.Equal(Envelopes.Status(), await File.ReadAllBytesAsync(Path.Combine(folder, "000001-NFeStatusServico4-request.xml")));
        Assert.Equal(reply, await File.ReadAllBytesAsync(Path.Combine(folder, "000001-NFeStatusServico4-reply.xml")));
        Directory.Delete(folder, recursive: true);
    }

    [Fact]
    public async Task The_control_endpoint_drives_the_simulator()
    {
        var folder = Directory.CreateTempSubdirectory("sefaz").FullName;
        await using var sefaz = await Start(new SimulatorOptions { ControlPort = 0 });
        using var control = new HttpClient { BaseAddress = sefaz.ControlAddress };
        using var client = Envelopes.Client(_authority, _authority.Issue(Issuer));

        using var made = await control.PostAsJsonAsync("notes", new { folder, count = 2 });
        var notes = await made.Content.ReadFromJsonAsync<JsonElement>();
        var key = notes[0].GetProperty("chNFe").GetString()!;
        var bytes = await File.ReadAllBytesAsync(notes[0].GetProperty("path").GetString()!);
        using var added = await control.PostAsJsonAsync("faults", new[] { new { kind = "UnknownCode", service = "Status", times = 1, cStat = 1234 } });
        Assert.Equal(HttpStatusCode.OK, added.StatusCode);
        Assert.Equal("1234", Envelopes.Text(await Ask(sefaz, client, SefazService.Status, Envelopes.Status()), "cStat"));
        await control.DeleteAsync(new Uri("faults", UriKind.Relative));
        Assert.Empty(sefaz.Faults.Rules);

        Assert.Equal(100, Envelopes.CStat(await Ask(sefaz, client, SefazService.Autorizacao, Envelopes.Authorization(bytes))));
        using var cancelled = await control.PostAsJsonAsync("cancel", new { chNFe = key });
        Assert.Equal(HttpStatusCode.OK, cancelled.StatusCode);
        var ledger = await control.GetFromJsonAsync<JsonElement>("ledger");
        Assert.Equal("Cancelled", ledger[0].GetProperty("state").GetString());
        Assert.Equal(2, (await control.GetFromJsonAsync<JsonElement>("calls")).GetArrayLength());
        using var wrong = await control.PostAsJsonAsync("faults", new { kind = "Nonsense" });
        Assert.Equal(HttpStatusCode.BadRequest, wrong.StatusCode);
        Directory.Delete(folder, recursive: true);
    }

    [Fact]
    public async Task The_control_endpoint_is_not_reached_under_another_name()
    {
        await using var sefaz = await Start(new SimulatorOptions { ControlPort = 0 });
        using var control = new HttpClient();
        using var request = new HttpRequestMessage(HttpMethod.Get, new Uri(sefaz.ControlAddress!, "ledger"));
        request.Headers.Host = "evil.example";

        using var response = await control.SendAsync(request);
        Assert.Equal(HttpStatusCode.Forbidden, response.StatusCode);
    }

    [Fact]
    public void A_kept_authority_is_the_same_after_a_restart()
    {
        var folder = Directory.CreateTempSubdirectory("sefaz").FullName;
        using var first = TestAuthority.LoadOrCreate(folder);
        using var second = TestAuthority.LoadOrCreate(folder);

        Assert.Equal(first.Root.Thumbprint, second.Root.Thumbprint);
        Assert.Equal(first.ServerCertificate.Thumbprint, second.ServerCertificate.Thumbprint);
        Assert.True(second.Root.HasPrivateKey && second.ServerCertificate.HasPrivateKey);
        Directory.Delete(folder, recursive: true);
    }

    private Task<SefazSimulator.SefazSimulator> Start(SimulatorOptions? options = null) =>
        SefazSimulator.SefazSimulator.StartAsync(options, _authority);

    private static async Task<byte[]> Ask(SefazSimulator.SefazSimulator sefaz, HttpClient client, SefazService service, byte[] envelope)
    {
        using var request = Envelopes.Post(sefaz, service, envelope);
        using var response = await client.SendAsync(request);
        return await response.Content.ReadAsByteArrayAsync();
    }

    private static TimeSpan Slow(FaultKind kind) =>
        kind is FaultKind.Latency or FaultKind.SlowDrip ? TimeSpan.FromMilliseconds(400) : TimeSpan.Zero;

    // "error", "short" (the reply broke off), "slow", or the HTTP status.
    private static async Task<(string Seen, byte[] Body)> See(FaultKind kind, SefazSimulator.SefazSimulator? sefaz, SignedNote note, Func<HttpClient> newClient)
    {
        using var client = newClient();
        using var request = new HttpRequestMessage(
            HttpMethod.Post, sefaz?.AddressOf(SefazService.Autorizacao) ?? new Uri("https://sefaz.example/ws/NFeAutorizacao4"))
        {
            Content = new ByteArrayContent(Envelopes.Authorization(note.Bytes)),
        };
        var watch = Stopwatch.StartNew();
        try
        {
            using var response = await client.SendAsync(request, HttpCompletionOption.ResponseHeadersRead);
            try
            {
                var body = await response.Content.ReadAsByteArrayAsync();
                // Where no slowness was asked for, a busy machine is not evidence of it.
                var slow = Slow(kind) > TimeSpan.Zero && watch.Elapsed >= Slow(kind) * 0.9;
                return (slow ? "slow" : ((int)response.StatusCode).ToString(System.Globalization.CultureInfo.InvariantCulture), body);
            }
            catch (Exception e) when (e is HttpRequestException or IOException)
            {
                return ("short", []);
            }
        }
        catch (HttpRequestException)
        {
            return ("error", []);
        }
    }

    private static string Expected(FaultKind kind) => kind switch
    {
        FaultKind.TlsHandshakeClosed or FaultKind.TlsHandshakeReset or FaultKind.CutBeforeRequest or FaultKind.CutInRequest
            or FaultKind.CutAfterRequest or FaultKind.CutAfterProcessing or FaultKind.AnswerNeverSent => "error",
        FaultKind.CutAtQuarterOfReply or FaultKind.CutAtHalfOfReply or FaultKind.CutAtThreeQuartersOfReply => "short",
        FaultKind.HttpUnavailable => "503",
        FaultKind.HtmlPage => "200 html",
        FaultKind.SoapFault => "500 fault",
        FaultKind.EmptyBody => "200 empty",
        FaultKind.ForeignProtocol => "200 other chNFe",
        FaultKind.WrongDigVal => "200 other digVal",
        FaultKind.MissingDigVal => "200 no digVal",
        FaultKind.AuthorizedWithAlert => "200 120",
        FaultKind.UnknownCode => "200 1234",
        FaultKind.WrongTpAmb => "200 tpAmb 1",
        FaultKind.InvalidReply => "200 no chNFe",
        FaultKind.PausedForNow => "200 108",
        FaultKind.PausedIndefinitely => "200 109",
        FaultKind.ConsumoIndevido => "200 656",
        FaultKind.Latency or FaultKind.SlowDrip => "slow 100",
        FaultKind.DelayedProcessing => "200 105",
        FaultKind.Receipt => "200 103",
        FaultKind.EndlessDuplicate => "200 204",
        _ => throw new ArgumentOutOfRangeException(nameof(kind), kind, "No expectation for this fault."),
    };

    private static string Seen(FaultKind kind, string seen, byte[] body, SignedNote note) => kind switch
    {
        _ when seen is "error" or "short" or "503" => seen,
        _ when body.Length == 0 => seen + " empty",
        FaultKind.HtmlPage => seen + (body.AsSpan().StartsWith("<html>"u8) ? " html" : string.Empty),
        FaultKind.SoapFault => seen + (Envelopes.Text(body, "Fault") is null ? string.Empty : " fault"),
        FaultKind.ForeignProtocol => seen + (Envelopes.Text(body, "chNFe") == note.ChNFe ? string.Empty : " other chNFe"),
        FaultKind.WrongDigVal => seen + (Envelopes.Text(body, "digVal") == note.DigestValue ? string.Empty : " other digVal"),
        FaultKind.MissingDigVal => seen + (Envelopes.Text(body, "digVal") is null ? " no digVal" : string.Empty),
        FaultKind.WrongTpAmb => $"{seen} tpAmb {Envelopes.Text(body, "tpAmb")}",
        FaultKind.InvalidReply => seen + (Envelopes.Text(body, "chNFe") is null ? " no chNFe" : string.Empty),
        _ => $"{seen} {Envelopes.CStat(body)}",
    };

    private static void AssertLedger(SefazCore core, SignedNote note, FaultKind kind)
    {
        var registered = kind is not (FaultKind.TlsHandshakeClosed or FaultKind.TlsHandshakeReset or FaultKind.CutBeforeRequest or FaultKind.CutInRequest
            or FaultKind.CutAfterRequest or FaultKind.HttpUnavailable or FaultKind.HtmlPage or FaultKind.SoapFault or FaultKind.EmptyBody
            or FaultKind.UnknownCode or FaultKind.PausedForNow or FaultKind.PausedIndefinitely or FaultKind.ConsumoIndevido or FaultKind.EndlessDuplicate);
        Assert.Equal(registered, core.Ledger.Find(note.ChNFe) is not null);
        if (kind is FaultKind.TlsHandshakeClosed or FaultKind.TlsHandshakeReset)
        {
            Assert.Empty(core.Ledger.Calls);
            return;
        }

        var call = core.Ledger.Calls.Single();
        Assert.Equal(kind, call.Fault);
        Assert.Equal(Expected(kind) is not ("error" or "short"), call.Delivered);
    }
}
