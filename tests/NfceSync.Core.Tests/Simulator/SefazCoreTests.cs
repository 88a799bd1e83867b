using System;
using System.Linq;
using System.Text;
using Microsoft.Extensions.Time.Testing;
using NfceSync.SefazSimulator;
using Xunit;

namespace NfceSync.Core.Tests.SimulatorTests;

public sealed class SefazCoreTests : IClassFixture<SefazFixture>, IDisposable
{
    private const string Issuer = SefazFixture.Issuer;
    private readonly TestAuthority _authority;
    private readonly FakeTimeProvider _time = new(DateTimeOffset.UtcNow);
    private readonly NoteFactory _factory;
    private SefazCore _core;

    public SefazCoreTests(SefazFixture fixture)
    {
        _authority = fixture.Authority;
        _factory = new NoteFactory(_authority, _time);
        _core = New(new SimulatorOptions());
    }

    public void Dispose() => _core.Dispose();

    [Fact]
    public void A_good_note_is_authorised_and_registered_byte_for_byte()
    {
        var note = _factory.Create();

        var reply = Send(note);

        var entry = _core.Ledger.Find(note.ChNFe)!;
        Assert.Equal(100, Envelopes.CStat(reply));
        Assert.Equal("104", Envelopes.Text(reply, "cStat"));
        Assert.Equal(note.DigestValue, Envelopes.Text(reply, "digVal"));
        Assert.Equal(entry.NProt, Envelopes.Text(reply, "nProt"));
        Assert.Matches("^143[0-9]{12}$", entry.NProt);
        Assert.Equal(note.Bytes.ToArray(), entry.Bytes.ToArray());
        Assert.True(_core.Ledger.Calls.Single() is { Registered: true, CStat: 100, DigVal: { } digest } && digest == note.DigestValue);
    }

    [Fact]
    public void Notes_in_other_spellings_are_authorised() =>
        Assert.Equal(100, Envelopes.CStat(Send(_factory.Create(new NoteRequest { NonCanonical = true }))));

    [Fact]
    public void A_note_that_inherits_its_namespace_is_authorised()
    {
        var reply = _core.Process(
            SefazService.Autorizacao, Envelopes.Wrap(SefazService.Autorizacao, NoteDocuments.AsEnviNFe(_factory.Create(new NoteRequest { NonCanonical = true }))), Issuer);

        Assert.Equal(100, Envelopes.CStat(reply));
    }

    [Fact]
    public void Issuers_with_a_CPF_or_with_letters_are_authorised()
    {
        Assert.Equal(100, Envelopes.CStat(Send(_factory.Create(new NoteRequest { IssuerId = TaxIds.Cpf("111444777"), Serie = 920 }))));
        Assert.Equal(100, Envelopes.CStat(Send(_factory.Create(new NoteRequest { IssuerId = TaxIds.Cnpj("12ABC3450001") }))));
    }

    [Fact]
    public void The_head_office_may_sign_for_a_branch() =>
        Assert.Equal(100, Envelopes.CStat(Send(_factory.Create(new NoteRequest { IssuerId = TaxIds.Cnpj("123456780002"), Signer = _authority.Issue(Issuer) }))));

    [Fact]
    public void A_note_later_than_a_day_is_authorised_as_late() =>
        Assert.Equal(150, Envelopes.CStat(Send(_factory.Create(new NoteRequest { DhEmi = Now().AddHours(-25) }))));

    [Theory]
    [InlineData("<NFe\txmlns=")]
    [InlineData("<NFe\r\n  xmlns=")]
    public void White_space_in_the_start_tag_is_no_defect(string start)
    {
        SignedNote note = _factory.Create(new NoteRequest());
        string respelled = Encoding.UTF8.GetString(note.Bytes.Span).Replace("<NFe xmlns=", start, StringComparison.Ordinal);

        Assert.Equal(100, Envelopes.CStat(Send(note with { Bytes = Encoding.UTF8.GetBytes(respelled) })));
    }

    [Theory]
    [InlineData(NoteFlaw.ContentEdited, 297)]
    [InlineData(NoteFlaw.SignatureBroken, 297)]
    [InlineData(NoteFlaw.OtherAlgorithm, 298)]
    [InlineData(NoteFlaw.WrongCheckDigit, 253)]
    [InlineData(NoteFlaw.IdDiffersFromFields, 502)]
    [InlineData(NoteFlaw.ContingencyReasonMissing, 557)]
    public void A_flawed_note_is_refused_with_its_code(NoteFlaw flaw, int cStat)
    {
        var note = _factory.CreateFlawed(flaw);

        Assert.Equal(cStat, Envelopes.CStat(Send(note)));
        Assert.Null(_core.Ledger.Find(note.ChNFe));
    }

    [Theory]
    [InlineData(CertificateDefect.Expired, 291)]
    [InlineData(CertificateDefect.NotYetValid, 291)]
    [InlineData(CertificateDefect.WithoutIdentity, 292)]
    [InlineData(CertificateDefect.UnknownAuthority, 293)]
    public void A_bad_signing_certificate_is_refused_with_its_code(CertificateDefect defect, int cStat) =>
        Assert.Equal(cStat, Envelopes.CStat(Send(_factory.Create(new NoteRequest { Signer = _authority.Issue(Issuer, defect) }))));

    [Fact]
    public void A_signer_of_another_company_or_person_is_refused()
    {
        Assert.Equal(213, Envelopes.CStat(Send(_factory.Create(new NoteRequest { Signer = _authority.Issue(TaxIds.Cnpj("987654320001")) }))));
        Assert.Equal(227, Envelopes.CStat(Send(_factory.Create(new NoteRequest { Number = 2, Signer = _authority.Issue(TaxIds.Cpf("111444777")) }))));
    }

    [Fact]
    public void Content_is_refused_by_the_rules_of_its_fields()
    {
        Assert.Equal(226, Envelopes.CStat(Send(_factory.Create(new NoteRequest { Uf = "SP" }))));
        Assert.Equal(897, Envelopes.CStat(Send(_factory.Create(new NoteRequest { CNF = "12345678" }))));
        Assert.Equal(775, Envelopes.CStat(Send(_factory.CreateModel55())));
        Assert.Equal(703, Envelopes.CStat(Send(_factory.Create(new NoteRequest { DhEmi = Now().AddMinutes(6) }))));
        Assert.Equal(704, Envelopes.CStat(Send(_factory.CreateLimbo(new NoteRequest { DhEmi = Now().AddMinutes(-6) }))));
        Assert.Equal(252, Envelopes.CStat(Send(_factory.Create(new NoteRequest { TpAmb = 1 }))));
        Assert.Equal(558, Envelopes.CStat(Send(_factory.Create(new NoteRequest { DhCont = Now().AddMinutes(6) }))));
        Assert.Equal(569, Envelopes.CStat(Send(_factory.Create(new NoteRequest { DhCont = Now().AddDays(-31) }))));
        Assert.Equal(207, Envelopes.CStat(Send(_factory.Create(new NoteRequest { IssuerId = "12345678000199" }))));
    }

    [Fact]
    public void Of_several_errors_the_first_in_the_manual_s_order_is_named()
    {
        // Broken signature (297) before wrong UF (226) before wrong clock (703) before wrong environment (252).
        var broken = _factory.CreateFlawed(NoteFlaw.ContentEdited, new NoteRequest { Uf = "SP", DhEmi = Now().AddHours(1), TpAmb = 1 });
        var signed = _factory.Create(new NoteRequest { Uf = "SP", DhEmi = Now().AddHours(1), TpAmb = 1 });
        var here = _factory.Create(new NoteRequest { DhEmi = Now().AddHours(1), TpAmb = 1 });

        Assert.Equal([297, 226, 703], new[] { broken, signed, here }.Select(note => Envelopes.CStat(Send(note))));
    }

    [Fact]
    public void The_form_of_a_batch_is_checked_first()
    {
        var note = _factory.Create();
        var other = _factory.Create(new NoteRequest { Number = 2 });
        var batch = Encoding.UTF8.GetString(Envelopes.Batch(note.Bytes));

        Assert.Equal(126, Batch(Encoding.UTF8.GetString(NoteDocuments.AsEnviNFe(note, other))));
        Assert.Equal(452, Envelopes.CStat(_core.Process(SefazService.Autorizacao, Envelopes.Authorization(note.Bytes, indSinc: "0"), Issuer)));
        Assert.Equal(239, Envelopes.CStat(_core.Process(SefazService.Autorizacao, Envelopes.Authorization(note.Bytes, versao: "3.10"), Issuer)));
        Assert.Equal(568, Batch(batch.Replace("<enviNFe xmlns=\"http://www.portalfiscal.inf.br/nfe\" versao=\"4.00\">", "<enviNFe xmlns=\"http://www.portalfiscal.inf.br/nfe\">", StringComparison.Ordinal)));
        Assert.Equal(243, Batch(batch.Replace("</enviNFe>", string.Empty, StringComparison.Ordinal)));
        Assert.Equal(588, Batch(batch.Replace("<indSinc>", "\n<indSinc>", StringComparison.Ordinal)));
        Assert.Equal(588, Batch(batch + "\n"));
        Assert.Equal(404, Batch(batch.Replace("<idLote>1</idLote>", "<n:idLote xmlns:n=\"http://www.portalfiscal.inf.br/nfe\">1</n:idLote>", StringComparison.Ordinal)));
        Assert.Equal(587, Batch(batch.Replace("<idLote>", "<idLote xmlns=\"urn:x\">", StringComparison.Ordinal)));
        Assert.Equal(402, Batch("<?xml version=\"1.0\" encoding=\"iso-8859-1\"?>" + batch));
        Assert.Equal(225, Batch(batch.Replace("<idLote>1</idLote>", string.Empty, StringComparison.Ordinal)));
        Assert.Equal(225, Batch(batch.Replace("<cNF>", "<cNF>1", StringComparison.Ordinal)));
        Assert.Equal(565, Batch("<consSitNFe xmlns=\"http://www.portalfiscal.inf.br/nfe\" versao=\"4.00\"><tpAmb>2</tpAmb></consSitNFe>"));
        Assert.Equal(214, Batch(batch.Replace("volte sempre", new string('x', 500 * 1024), StringComparison.Ordinal)));
        Assert.Equal(0, _core.Ledger.AuthorizedCount);
    }

    [SkippableFact]
    public void With_the_official_schema_every_field_is_checked()
    {
        Use(new SimulatorOptions { SchemaFolder = OfficialSchemas.Folder });
        var batch = Encoding.UTF8.GetString(Envelopes.Batch(_factory.Create().Bytes));

        Assert.Equal(225, Batch(batch.Replace("<NCM>19059090</NCM>", "<NCM>1</NCM>", StringComparison.Ordinal)));
        Assert.Equal(100, Batch(batch));
    }

    [Theory]
    [InlineData("SOAP 1.1", "http://www.w3.org/2003/05/soap-envelope", "http://schemas.xmlsoap.org/soap/envelope/")]
    [InlineData("other service", "NFeAutorizacao4", "NFeStatusServico4")]
    [InlineData("no message", "nfeDadosMsg", "nfeOutraMsg")]
    public void A_wrong_envelope_is_a_SOAP_fault(string name, string text, string instead)
    {
        _ = name;
        var envelope = Encoding.UTF8.GetString(Envelopes.Authorization(_factory.Create().Bytes)).Replace(text, instead, StringComparison.Ordinal);

        Assert.NotNull(Envelopes.Text(_core.Process(SefazService.Autorizacao, Encoding.UTF8.GetBytes(envelope), Issuer), "Fault"));
    }

    [Fact]
    public void The_same_note_again_is_a_duplicate_that_names_the_receipt()
    {
        var note = _factory.Create();
        Send(note);

        var reply = Send(note);

        Assert.Equal(204, Envelopes.CStat(reply));
        Assert.EndsWith($"[nRec:{_core.Ledger.Find(note.ChNFe)!.NRec}]", Reason(reply), StringComparison.Ordinal);
        Assert.Null(Envelopes.Text(reply, "nProt"));
    }

    [Fact]
    public void A_duplicate_with_equal_digest_may_return_the_protocol()
    {
        Use(new SimulatorOptions { DuplicateReturnsProtocol = true });
        var note = _factory.Create();
        Send(note);

        var reply = Send(note);

        Assert.Equal(100, Envelopes.CStat(reply));
        Assert.False(_core.Ledger.Calls[1].Registered);
    }

    [Fact]
    public void The_same_number_with_another_key_names_the_other_key()
    {
        var note = _factory.Create(new NoteRequest { CNF = "13572468" });
        Send(note);

        var reply = Send(_factory.Create(new NoteRequest { CNF = "13572469" }));

        Assert.Equal(539, Envelopes.CStat(reply));
        Assert.Contains($"[chNFe:{note.ChNFe}][nRec:", Reason(reply), StringComparison.Ordinal);
    }

    [Fact]
    public void The_same_number_in_normal_mode_is_another_note()
    {
        Send(_factory.Create());

        Assert.Equal(100, Envelopes.CStat(Send(_factory.CreateLimbo(new NoteRequest { DhEmi = Now() }))));
    }

    [Fact]
    public void Cancelled_and_denied_keys_say_so()
    {
        var cancelled = _factory.Create();
        var denied = _factory.Create(new NoteRequest { Number = 2 });
        Send(cancelled);
        _core.Ledger.Cancel(cancelled.ChNFe);
        _core.Ledger.Deny(denied.ChNFe);

        Assert.Equal(218, Envelopes.CStat(Send(cancelled)));
        Assert.Equal(205, Envelopes.CStat(Send(denied)));
        Assert.Equal("101", Envelopes.Text(Consult(cancelled.ChNFe), "cStat"));
        Assert.Equal("110", Envelopes.Text(Consult(denied.ChNFe), "cStat"));
    }

    [Fact]
    public void A_consultation_tells_what_is_registered()
    {
        var note = _factory.Create();
        Assert.Equal("217", Envelopes.Text(Consult(note.ChNFe), "cStat"));

        Send(note);

        var reply = Consult(note.ChNFe);
        Assert.Equal(100, Envelopes.CStat(reply));
        Assert.Equal(note.DigestValue, Envelopes.Text(reply, "digVal"));
    }

    [Fact]
    public void A_consultation_checks_its_key()
    {
        var note = _factory.Create(new NoteRequest { CNF = "13572468", DhEmi = Now().AddHours(-1) });
        Send(note);

        string OnKey(string key) => Envelopes.Text(Consult(key), "cStat")!;
        Assert.Equal("236", OnKey(note.ChNFe[..43] + (char)('0' + (note.ChNFe[43] - '0' + 1) % 10)));
        Assert.Equal("614", OnKey(WithDigit("99" + note.ChNFe[2..43])));
        Assert.Equal("615", OnKey(WithDigit(note.ChNFe[..2] + "99" + note.ChNFe[4..43])));
        Assert.Equal("616", OnKey(WithDigit(note.ChNFe[..4] + "13" + note.ChNFe[6..43])));
        Assert.Equal("617", OnKey(WithDigit(note.ChNFe[..6] + "12345678000199" + note.ChNFe[20..43])));
        Assert.Equal("618", OnKey(WithDigit(note.ChNFe[..20] + "57" + note.ChNFe[22..43])));
        Assert.Equal("619", OnKey(WithDigit(note.ChNFe[..25] + "000000000" + note.ChNFe[34..43])));
        Assert.Equal("249", OnKey(WithDigit("35" + note.ChNFe[2..43])));
        Assert.Equal("526", OnKey(WithDigit(note.ChNFe[..2] + "0601" + note.ChNFe[6..43])));
        Assert.Equal("561", OnKey(WithDigit(note.ChNFe[..2] + Now().AddMonths(-1).ToString("yyMM", System.Globalization.CultureInfo.InvariantCulture) + note.ChNFe[6..43])));
        Assert.Equal("252", Envelopes.Text(_core.Process(SefazService.Consulta, Envelopes.Consultation(note.ChNFe, tpAmb: 1), Issuer), "cStat"));

        var other = Consult(WithDigit(note.ChNFe[..35] + "13572469"));
        Assert.Equal("562", Envelopes.Text(other, "cStat"));
        Assert.Contains($"[chNFe:{note.ChNFe}]", Envelopes.Text(other, "xMotivo"), StringComparison.Ordinal);
    }

    [Fact]
    public void The_status_names_the_service_and_checks_its_question()
    {
        Assert.Equal("107", Envelopes.Text(_core.Process(SefazService.Status, Envelopes.Status(), Issuer), "cStat"));
        Assert.Equal("252", Envelopes.Text(_core.Process(SefazService.Status, Envelopes.Status(tpAmb: 1), Issuer), "cStat"));
        Assert.Equal("289", Envelopes.Text(_core.Process(SefazService.Status, Envelopes.Status(35), Issuer), "cStat"));
    }

    [SkippableFact]
    public void Every_reply_is_valid_against_the_official_schema()
    {
        var note = _factory.Create();
        var limbo = _factory.CreateLimbo();
        AssertValid(SefazService.Autorizacao, Send(note));
        AssertValid(SefazService.Autorizacao, Send(note));
        AssertValid(SefazService.Autorizacao, Send(_factory.Create(new NoteRequest { CNF = "13572469" })));
        AssertValid(SefazService.Autorizacao, Send(limbo));
        AssertValid(SefazService.Autorizacao, _core.Process(SefazService.Autorizacao, Envelopes.Authorization(note.Bytes, indSinc: "0"), Issuer));
        AssertValid(SefazService.Autorizacao, Envelopes.Wrap(SefazService.Autorizacao, "<enviNFe>"), process: true);
        AssertValid(SefazService.Consulta, Consult(note.ChNFe));
        AssertValid(SefazService.Consulta, Consult(limbo.ChNFe));
        _core.Ledger.Cancel(note.ChNFe);
        AssertValid(SefazService.Consulta, Consult(note.ChNFe));
        AssertValid(SefazService.Consulta, Envelopes.Wrap(SefazService.Consulta, "<consSitNFe/>"), process: true);
        AssertValid(SefazService.Status, _core.Process(SefazService.Status, Envelopes.Status(), Issuer));
        AssertValid(SefazService.Status, _core.Process(SefazService.Status, Envelopes.Status(tpAmb: 1), Issuer));
        AssertValid(SefazService.RetAutorizacao, _core.Process(SefazService.RetAutorizacao, Envelopes.Receipt("431000000000009"), Issuer));
    }

    [SkippableTheory]
    [MemberData(nameof(Kinds))]
    public void A_reply_changed_by_a_fault_stays_valid_unless_the_fault_says_otherwise(FaultKind kind)
    {
        var known = _factory.Create(new NoteRequest { Number = 77 });
        Send(known);
        foreach (var service in Enum.GetValues<SefazService>())
        {
            var note = _factory.Create(new NoteRequest { Number = 100 + (int)service });
            if (service == SefazService.Consulta)
            {
                Send(note);
            }

            _core.Faults.Add(FaultRule.Once(kind, service) with { CStat = 1234 });
            var reply = _core.Process(service, service switch
            {
                SefazService.Autorizacao => Envelopes.Authorization(note.Bytes),
                SefazService.Consulta => Envelopes.Consultation(note.ChNFe),
                SefazService.RetAutorizacao => Envelopes.Receipt(_core.Ledger.Find(known.ChNFe)!.NRec),
                _ => Envelopes.Status(),
            }, Issuer);

            if (kind == FaultKind.InvalidReply)
            {
                Assert.NotNull(OfficialSchemas.FirstError(Envelopes.Payload(reply), SchemaOf(service)));
            }
            else if (kind is not (FaultKind.HttpUnavailable or FaultKind.HtmlPage or FaultKind.SoapFault or FaultKind.EmptyBody
                or FaultKind.CutBeforeRequest or FaultKind.CutInRequest or FaultKind.CutAfterRequest))
            {
                AssertValid(service, reply);
            }

            _core.Faults.Clear();
        }
    }

    public static TheoryData<FaultKind> Kinds() => new(Enum.GetValues<FaultKind>());

    [Fact]
    public void The_eleventh_consultation_of_a_key_in_an_hour_blocks_all_consultations()
    {
        var first = _factory.Create();
        var second = _factory.Create(new NoteRequest { Number = 2 });
        var answers = Enumerable.Range(0, 11).Select(_ => Envelopes.Text(Consult(first.ChNFe), "cStat")).ToArray();

        Assert.All(answers[..10], answer => Assert.Equal("217", answer));
        Assert.Equal("656", answers[10]);
        Assert.Equal("656", Envelopes.Text(Consult(second.ChNFe), "cStat"));
        Assert.Equal(100, Envelopes.CStat(Send(second)));
        Assert.Equal("217", Envelopes.Text(_core.Process(SefazService.Consulta, Envelopes.Consultation(first.ChNFe), TaxIds.Cnpj("987654320001")), "cStat"));
        Assert.Equal(2, _core.Counters.Blocked);
    }

    [Fact]
    public void A_call_during_a_block_renews_it()
    {
        var note = _factory.Create();
        for (var i = 0; i < 11; i++)
        {
            Consult(note.ChNFe);
        }

        _time.Advance(TimeSpan.FromMinutes(50));
        Assert.Equal("656", Envelopes.Text(Consult(note.ChNFe), "cStat"));
        _time.Advance(TimeSpan.FromMinutes(50));
        Assert.Equal("656", Envelopes.Text(Consult(note.ChNFe), "cStat"));
        _time.Advance(TimeSpan.FromMinutes(61));
        Assert.Equal("217", Envelopes.Text(Consult(note.ChNFe), "cStat"));
    }

    [Fact]
    public void Ten_consultations_an_hour_are_never_blocked()
    {
        var note = _factory.Create();
        for (var i = 0; i < 40; i++)
        {
            Assert.Equal("217", Envelopes.Text(Consult(note.ChNFe), "cStat"));
            _time.Advance(TimeSpan.FromMinutes(6));
        }
    }

    [Fact]
    public void The_thirty_first_equal_rejection_of_a_note_blocks_authorisation_for_everything()
    {
        var flawed = _factory.CreateFlawed(NoteFlaw.ContentEdited);
        var good = _factory.Create(new NoteRequest { Number = 2 });
        var answers = Enumerable.Range(0, 31).Select(_ => Envelopes.CStat(Send(flawed))).ToArray();

        Assert.All(answers[..30], answer => Assert.Equal(297, answer));
        Assert.Equal(656, answers[30]);
        Assert.Equal(656, Envelopes.CStat(Send(good)));

        _time.Advance(TimeSpan.FromMinutes(61));
        Assert.Equal(656, Envelopes.CStat(Send(flawed)));
        _time.Advance(TimeSpan.FromMinutes(61));
        Assert.Equal(100, Envelopes.CStat(Send(good)));
    }

    [Fact]
    public void The_forty_first_status_in_an_hour_is_blocked()
    {
        var answers = Enumerable.Range(0, 41).Select(_ => Envelopes.Text(_core.Process(SefazService.Status, Envelopes.Status(), Issuer), "cStat")).ToArray();

        Assert.Equal("107", answers[39]);
        Assert.Equal("656", answers[40]);
    }

    [Fact]
    public void Delayed_processing_answers_105_then_635_and_217_then_authorises()
    {
        var note = _factory.Create();
        _core.Faults.Add(FaultRule.Once(FaultKind.DelayedProcessing) with { Calls = 2 });

        Assert.Equal(105, Envelopes.CStat(Send(note)));
        Assert.Equal(635, Envelopes.CStat(Send(note)));
        Assert.Equal("217", Envelopes.Text(Consult(note.ChNFe), "cStat"));
        Assert.Equal(100, Envelopes.CStat(Consult(note.ChNFe)));
    }

    [Fact]
    public void Delayed_processing_may_last_for_a_time()
    {
        var note = _factory.Create();
        _core.Faults.Add(FaultRule.Once(FaultKind.DelayedProcessing) with { Calls = 0, Duration = TimeSpan.FromMinutes(5) });
        Send(note);

        Assert.Equal("217", Envelopes.Text(Consult(note.ChNFe), "cStat"));
        _time.Advance(TimeSpan.FromMinutes(6));
        Assert.Equal(100, Envelopes.CStat(Consult(note.ChNFe)));
    }

    [Fact]
    public void A_receipt_is_answered_by_105_until_the_batch_is_processed()
    {
        var note = _factory.Create();
        _core.Faults.Add(FaultRule.Once(FaultKind.Receipt) with { Calls = 1 });
        var reply = Send(note);
        var receipt = Envelopes.Text(reply, "nRec")!;

        Assert.Equal(103, Envelopes.CStat(reply));
        Assert.Equal(105, Envelopes.CStat(_core.Process(SefazService.RetAutorizacao, Envelopes.Receipt(receipt), Issuer)));
        var done = _core.Process(SefazService.RetAutorizacao, Envelopes.Receipt(receipt), Issuer);
        Assert.Equal(100, Envelopes.CStat(done));
        Assert.Equal(note.DigestValue, Envelopes.Text(done, "digVal"));
    }

    [Fact]
    public void An_unknown_receipt_is_not_found() =>
        Assert.Equal(106, Envelopes.CStat(_core.Process(SefazService.RetAutorizacao, Envelopes.Receipt("431000000000009"), Issuer)));

    [Fact]
    public void An_endless_duplicate_is_never_found()
    {
        var note = _factory.Create();
        _core.Faults.Add(new FaultRule(FaultKind.EndlessDuplicate));

        for (var i = 0; i < 3; i++)
        {
            Assert.Equal(204, Envelopes.CStat(Send(note)));
            Assert.Equal("217", Envelopes.Text(Consult(note.ChNFe), "cStat"));
        }
    }

    [Fact]
    public void A_pause_lasts_as_long_as_its_rule_says()
    {
        _core.Faults.Add(FaultRule.Once(FaultKind.PausedForNow) with { Duration = TimeSpan.FromMinutes(10) });

        Assert.Equal(108, Envelopes.CStat(Send(_factory.Create())));
        Assert.Equal("108", Envelopes.Text(_core.Process(SefazService.Status, Envelopes.Status(), Issuer), "cStat"));
        _time.Advance(TimeSpan.FromMinutes(11));
        Assert.Equal(100, Envelopes.CStat(Send(_factory.Create())));
    }

    [Fact]
    public void Rules_strike_by_service_call_key_and_chance()
    {
        var first = _factory.Create();
        var second = _factory.Create(new NoteRequest { Number = 2 });
        _core.Faults.Add(
            new FaultRule(FaultKind.UnknownCode) { ChNFe = second.ChNFe, CStat = 999 },
            new FaultRule(FaultKind.UnknownCode) { Service = SefazService.Status, FromCall = 2, Times = 1, CStat = 1234 },
            new FaultRule(FaultKind.UnknownCode) { Service = SefazService.Consulta, Probability = 0 });

        Assert.Equal(100, Envelopes.CStat(Send(first)));
        Assert.Equal(999, Envelopes.CStat(Send(second)));
        Assert.Equal(100, Envelopes.CStat(Consult(first.ChNFe)));
        var states = Enumerable.Range(0, 3).Select(_ => Envelopes.Text(_core.Process(SefazService.Status, Envelopes.Status(), Issuer), "cStat"));
        Assert.Equal(["107", "1234", "107"], states);
    }

    [Fact]
    public void Chance_is_repeatable_by_seed()
    {
        string Run()
        {
            Use(new SimulatorOptions { Seed = 42, Limits = UsageLimits.None });
            _core.Faults.Add(new FaultRule(FaultKind.UnknownCode) { Probability = 0.5, CStat = 199 });
            return string.Join(' ', Enumerable.Range(0, 40).Select(_ => Envelopes.Text(_core.Process(SefazService.Status, Envelopes.Status(), Issuer), "cStat")));
        }

        var once = Run();
        Assert.Contains("199", once, StringComparison.Ordinal);
        Assert.Contains("107", once, StringComparison.Ordinal);
        Assert.Equal(once, Run());
    }

    [Fact]
    public void A_code_may_hide_that_the_note_was_registered()
    {
        var note = _factory.Create();
        _core.Faults.Add(FaultRule.Once(FaultKind.UnknownCode) with { AfterProcessing = true });

        Assert.Equal(999, Envelopes.CStat(Send(note)));
        Assert.Equal(100, Envelopes.CStat(Consult(note.ChNFe)));
    }

    [Fact]
    public void Protocols_are_falsified_as_asked()
    {
        var note = _factory.Create();
        _core.Faults.Add(FaultRule.Once(FaultKind.ForeignProtocol), FaultRule.Once(FaultKind.WrongDigVal), FaultRule.Once(FaultKind.MissingDigVal), FaultRule.Once(FaultKind.WrongTpAmb));
        var foreign = Send(note);
        var wrong = Consult(note.ChNFe);
        var missing = Consult(note.ChNFe);
        var environment = Consult(note.ChNFe);

        Assert.NotEqual(note.ChNFe, Envelopes.Text(foreign, "chNFe"));
        Assert.Equal(100, Envelopes.CStat(foreign));
        Assert.NotEqual(note.DigestValue, Envelopes.Text(wrong, "digVal"));
        Assert.Null(Envelopes.Text(missing, "digVal"));
        Assert.Equal("1", Envelopes.Text(environment, "tpAmb"));
    }

    [Fact]
    public void An_alert_comes_with_the_protocol_and_stays()
    {
        var note = _factory.Create();
        _core.Faults.Add(FaultRule.Once(FaultKind.AuthorizedWithAlert));
        var reply = Send(note);

        Assert.Equal(120, Envelopes.CStat(reply));
        Assert.NotNull(Envelopes.Text(reply, "xMsg"));
        Assert.Equal(note.DigestValue, Envelopes.Text(reply, "digVal"));
        Assert.Equal(120, Envelopes.CStat(Consult(note.ChNFe)));
    }

    [Fact]
    public void The_ledger_can_be_prepared()
    {
        var elsewhere = _factory.Create();
        var planted = _factory.Create(new NoteRequest { Number = 2 });
        _core.Ledger.AuthorizeElsewhere(NoteDocuments.WithDeclarationAndBom(NoteDocuments.AsEnviNFe(elsewhere)));
        _core.Ledger.PlantDigest(planted.ChNFe, "AAAAAAAAAAAAAAAAAAAAAAAAAAA=");

        Assert.Equal(elsewhere.DigestValue, Envelopes.Text(Consult(elsewhere.ChNFe), "digVal"));
        Assert.Equal("AAAAAAAAAAAAAAAAAAAAAAAAAAA=", Envelopes.Text(Consult(planted.ChNFe), "digVal"));
        Assert.Equal(204, Envelopes.CStat(Send(planted)));
        Assert.Throws<ArgumentException>(() => _core.Ledger.AuthorizeElsewhere("<nfe/>"u8.ToArray()));
        Assert.Throws<ArgumentException>(() => _core.Ledger.Cancel(_factory.Create(new NoteRequest { Number = 3 }).ChNFe));
    }

    [Fact]
    public void Calls_are_recorded_in_their_order()
    {
        var note = _factory.Create();
        Send(note);
        Consult(note.ChNFe);
        Send(note);

        var calls = _core.Ledger.CallsAbout(note.ChNFe);
        Assert.Equal([SefazService.Autorizacao, SefazService.Consulta, SefazService.Autorizacao], calls.Select(call => call.Service));
        Assert.Equal([1L, 2L, 3L], calls.Select(call => call.Sequence));
        Assert.Equal([100, 100, 204], calls.Select(call => call.CStat));
        Assert.All(calls, call => Assert.Equal(Issuer, call.CertificateId));
        Assert.Equal(2, _core.Counters.Calls(SefazService.Autorizacao));
        Assert.Equal(1, _core.Counters.Answered(204));
    }

    [Fact]
    public void A_restarted_simulator_still_knows_its_notes()
    {
        var path = System.IO.Path.Combine(System.IO.Directory.CreateTempSubdirectory("sefaz").FullName, "state.jsonl");
        Use(new SimulatorOptions { StateFile = path });
        var note = _factory.Create();
        var cancelled = _factory.Create(new NoteRequest { Number = 2 });
        Send(note);
        Send(cancelled);
        _core.Ledger.Cancel(cancelled.ChNFe);
        _core.Dispose();
        System.IO.File.AppendAllText(path, "{\"ChNFe\":\"torn");

        for (var restart = 0; restart < 2; restart++)
        {
            Use(new SimulatorOptions { StateFile = path });
            Assert.Equal(204, Envelopes.CStat(Send(note)));
            Assert.Equal(218, Envelopes.CStat(Send(cancelled)));
            Assert.Equal(note.Bytes.ToArray(), _core.Ledger.Find(note.ChNFe)!.Bytes.ToArray());
            Assert.Equal(100, Envelopes.CStat(Send(_factory.Create(new NoteRequest { Number = 3 + restart }))));
        }

        Assert.Equal(4, _core.Ledger.Entries.Select(entry => entry.NProt).Distinct().Count());
        _core.Dispose();
        System.IO.Directory.Delete(System.IO.Path.GetDirectoryName(path)!, recursive: true);
    }

    private SefazCore New(SimulatorOptions options) => new(options with { TimeProvider = _time }, _authority);

    private void Use(SimulatorOptions options)
    {
        _core.Dispose();
        _core = New(options);
    }

    private DateTimeOffset Now()
    {
        var now = _time.GetUtcNow().ToOffset(TimeSpan.FromHours(-3));
        return now.AddTicks(-(now.Ticks % TimeSpan.TicksPerSecond));
    }

    private byte[] Send(SignedNote note) => _core.Process(SefazService.Autorizacao, Envelopes.Authorization(note.Bytes), Issuer);

    private byte[] Consult(string chNFe) => _core.Process(SefazService.Consulta, Envelopes.Consultation(chNFe), Issuer);

    private int Batch(string payload) =>
        Envelopes.CStat(_core.Process(SefazService.Autorizacao, Envelopes.Wrap(SefazService.Autorizacao, payload), Issuer));

    private static string Reason(byte[] reply) => System.Xml.Linq.XDocument.Parse(Encoding.UTF8.GetString(reply))
        .Descendants().Last(element => element.Name.LocalName == "xMotivo").Value;

    private static string WithDigit(string first43)
    {
        var sum = 0;
        for (var i = 0; i < 43; i++)
        {
            sum += (first43[42 - i] - '0') * (2 + i % 8);
        }

        return first43 + (sum % 11 < 2 ? 0 : 11 - sum % 11).ToString(System.Globalization.CultureInfo.InvariantCulture);
    }

    private void AssertValid(SefazService service, byte[] message, bool process = false) =>
        OfficialSchemas.AssertValid(Envelopes.Payload(process ? _core.Process(service, message, Issuer) : message), SchemaOf(service));

    private static string SchemaOf(SefazService service) => service switch
    {
        SefazService.Autorizacao => "retEnviNFe_v4.00.xsd",
        SefazService.RetAutorizacao => "retConsReciNFe_v4.00.xsd",
        SefazService.Consulta => "retConsSitNFe_v4.00.xsd",
        _ => "retConsStatServ_v4.00.xsd",
    };
}
