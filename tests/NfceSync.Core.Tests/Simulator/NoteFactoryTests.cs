using System;
using System.Diagnostics;
using System.Linq;
using System.Security.Cryptography.Xml;
using System.Text;
using System.Xml;
using NfceSync.SefazSimulator;
using Xunit;

namespace NfceSync.Core.Tests.SimulatorTests;

public sealed class NoteFactoryTests(SefazFixture fixture) : IClassFixture<SefazFixture>
{
    private readonly NoteFactory _factory = new(fixture.Authority);

    public static TheoryData<string, NoteRequest> Requests() => new()
    {
        { "default", new NoteRequest() },
        { "limbo", new NoteRequest { TpEmis = 1 } },
        { "model 55", new NoteRequest { TpEmis = 1, Model = 55 } },
        { "consumer", new NoteRequest { WithConsumer = true } },
        { "production", new NoteRequest { TpAmb = 1, WithConsumer = true } },
        { "QR v3", new NoteRequest { QrVersion = 3, WithConsumer = true } },
        { "QR v3 normal", new NoteRequest { QrVersion = 3, TpEmis = 1 } },
        { "CPF", new NoteRequest { IssuerId = TaxIds.Cpf("111444777"), Serie = 920 } },
        { "letters", new NoteRequest { IssuerId = TaxIds.Cnpj("12ABC3450001") } },
        { "SP", new NoteRequest { Uf = "SP", Serie = 909, Number = 999_999_999, VNF = 0.03m } },
        { "AC", new NoteRequest { Uf = "AC", VNF = 1234567.89m } },
        { "not canonical", new NoteRequest { NonCanonical = true, TpAmb = 1 } },
        { "many items", new NoteRequest { Items = ["A & B", "ç < d", "e > f", "g"] } },
    };

    [SkippableTheory]
    [MemberData(nameof(Requests))]
    public void A_note_is_valid_against_the_official_schema(string name, NoteRequest request)
    {
        _ = name;
        OfficialSchemas.AssertValid(_factory.Create(request).Bytes.Span, "nfe_v4.00.xsd");
    }

    [Theory]
    [MemberData(nameof(Requests))]
    public void The_signature_of_a_note_verifies(string name, NoteRequest request)
    {
        _ = name;
        Assert.True(Verifies(_factory.Create(request).Bytes));
    }

    [Fact]
    public void The_key_of_a_note_is_that_of_its_fields()
    {
        var note = _factory.Create(new NoteRequest
        {
            IssuerId = TaxIds.Cnpj("12ABC3450001"),
            Serie = 7,
            Number = 123,
            DhEmi = new DateTimeOffset(2026, 11, 23, 22, 30, 0, TimeSpan.FromHours(-3)),
            CNF = "13572468",
        });

        Assert.Equal("4326111" + "2ABC3450001" + TaxIds.Cnpj("12ABC3450001")[12..] + "65" + "007" + "000000123" + "9" + "13572468", note.ChNFe[..43]);
        Assert.Contains($"Id=\"NFe{note.ChNFe}\"", Encoding.UTF8.GetString(note.Bytes.Span), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(NoteFlaw.ContentEdited)]
    [InlineData(NoteFlaw.SignatureBroken)]
    [InlineData(NoteFlaw.OtherAlgorithm)]
    public void A_broken_signature_does_not_verify(NoteFlaw flaw) => Assert.False(Verifies(_factory.CreateFlawed(flaw).Bytes));

    [Theory]
    [InlineData(NoteFlaw.WrongCheckDigit)]
    [InlineData(NoteFlaw.IdDiffersFromFields)]
    [InlineData(NoteFlaw.ContingencyReasonMissing)]
    public void A_content_flaw_is_properly_signed(NoteFlaw flaw) => Assert.True(Verifies(_factory.CreateFlawed(flaw).Bytes));

    [Fact]
    public void Notes_do_not_depend_on_the_order_in_which_they_are_made()
    {
        var at = new DateTimeOffset(2026, 11, 23, 22, 30, 0, TimeSpan.FromHours(-3));
        var many = _factory.CreateMany(new NoteRequest { DhEmi = at }, 20);
        var again = new NoteFactory(fixture.Authority).Create(new NoteRequest { DhEmi = at, Number = 20 });

        Assert.Equal(again.Bytes.ToArray(), many[19].Bytes.ToArray());
        Assert.Equal(20, many.Select(note => note.ChNFe).Distinct().Count());
    }

    [Fact]
    public void Twenty_thousand_notes_would_take_less_than_a_minute()
    {
        var times = Enumerable.Range(1, 51).Select(number =>
        {
            var watch = Stopwatch.StartNew();
            _factory.Create(new NoteRequest { Number = number });
            return watch.Elapsed;
        }).Order().ToArray();

        // The median: what else the machine does must not decide.
        Assert.True(times[25] < TimeSpan.FromMilliseconds(3), $"A note took {times[25]}.");
    }

    [SkippableFact]
    public void The_wrappings_are_valid_against_their_schemas()
    {
        var first = _factory.Create();
        var second = _factory.Create(new NoteRequest { Number = 2 });

        OfficialSchemas.AssertValid(NoteDocuments.AsEnviNFe(first, second), "enviNFe_v4.00.xsd");
        OfficialSchemas.AssertValid(NoteDocuments.AsNfeProc(first), "procNFe_v4.00.xsd");
        OfficialSchemas.AssertValid(
            NoteDocuments.CancellationEvent(first.ChNFe, "143260000000001", fixture.Authority.Issue(SefazFixture.Issuer), DateTimeOffset.Now.ToOffset(TimeSpan.FromHours(-3))),
            "procEventoNFe_v1.00.xsd");
    }

    [Fact]
    public void Notes_in_an_enviNFe_inherit_their_namespace()
    {
        var text = Encoding.UTF8.GetString(NoteDocuments.AsEnviNFe(_factory.Create()));

        Assert.Contains("<NFe><infNFe", text, StringComparison.Ordinal);
    }

    [Fact]
    public void Declaration_and_byte_order_mark_come_first()
    {
        var bytes = NoteDocuments.WithDeclarationAndBom(_factory.Create().Bytes.Span);

        Assert.Equal([0xEF, 0xBB, 0xBF, (byte)'<', (byte)'?'], bytes[..5]);
    }

    private static bool Verifies(ReadOnlyMemory<byte> note)
    {
        var document = new XmlDocument { PreserveWhitespace = true };
        document.LoadXml(Encoding.UTF8.GetString(note.Span));
        var signed = new SignedXml(document);
        signed.LoadXml((XmlElement)document.GetElementsByTagName("Signature")[0]!);
        return signed.CheckSignature();
    }
}
