using System;
using System.Collections.Generic;
using System.IO;
using System.Linq;
using System.Security.Cryptography.X509Certificates;
using System.Text;

using NfceSync.SefazSimulator;

namespace NfceSync.QuickStart;

/// <summary>
/// One demo store with its folders. The layouts are invented, one for each of the house's four systems: the vendors publish
/// none. Every folder also holds what such folders hold besides pending notes.
/// </summary>
internal sealed class DemoStore
{
    private readonly string _folder;
    private readonly X509Certificate2 _certificate;
    private readonly NoteFactory _factory;
    private readonly DateTimeOffset _now;
    private readonly int _serie;
    private int _number;

    private DemoStore(string name, string system, string cnpj, int serie, string folder, TestAuthority authority, string password)
    {
        Name = name;
        System = system;
        Cnpj = cnpj;
        _serie = serie;
        _folder = folder;
        _now = DateTimeOffset.UtcNow.ToOffset(FederativeUnit.Of(Uf).Offset);
        _certificate = authority.Issue(cnpj);
        _factory = new NoteFactory(authority, seed: serie);
        Directory.CreateDirectory(folder);
        TestAuthority.WritePfx(CertificatePath, _certificate, password);
        File.WriteAllText(
            Path.Combine(folder, "LEIAME.txt"),
            "Layout inventado para demonstração; o fabricante não publica o seu. / Invented layout, for demonstration; the vendor publishes none.\n");
    }

    public string Name { get; }

    public string System { get; }

    public string Cnpj { get; }

    public string Uf { get; } = "RS";

    public string SourcePath => Path.Combine(_folder, "origem");

    public string ArchivePath => Path.Combine(_folder, "autorizadas");

    public string CertificatePath => Path.Combine(_folder, "certificado.pfx");

    /// <summary>Makes the four stores with <paramref name="notes"/> pending notes in all.</summary>
    public static IReadOnlyList<DemoStore> CreateAll(string root, TestAuthority authority, string password, int notes)
    {
        DemoStore New(string name, string system, string first12, int serie) => new(
            name, system, TaxIds.Cnpj(first12), serie, Path.Combine(root, system), authority, password);

        DemoStore plus = New("Loja 01", "Plus", "123456780001", 1);
        DemoStore oneGestao = New("Loja 02", "OneGestaoDesktop", "112223330001", 2);
        DemoStore lite = New("Loja 03", "Lite", "98ABC7650001", 3);
        DemoStore multiLoja = New("Loja 04", "MultiLoja", "123456780002", 4);
        int quarter = notes / 4;
        plus.WritePlus(quarter);
        oneGestao.WriteOneGestao(quarter);
        lite.WriteLite(quarter);
        multiLoja.WriteMultiLoja(notes - (3 * quarter), plus);
        return [plus, oneGestao, lite, multiLoja];
    }

    // A file a note, in one folder; beside them the DANFE of each and notes of model 55.
    private void WritePlus(int notes)
    {
        foreach (SignedNote note in Notes(notes))
        {
            Write($"XML/Pendentes/{note.FileName}", note.Bytes);
            Write($"XML/Pendentes/{note.ChNFe}.pdf", Encoding.ASCII.GetBytes("%PDF-1.4\n%%EOF\n"));
        }

        SignedNote nfe = _factory.CreateModel55(Request());
        Write($"XML/NFe/{nfe.FileName}", nfe.Bytes);
    }

    // A folder a month; files with byte order mark and declaration; cancellation events among them.
    private void WriteOneGestao(int notes)
    {
        string month = _now.ToString("yyyyMM", global::System.Globalization.CultureInfo.InvariantCulture);
        foreach (SignedNote note in Notes(notes))
        {
            Write($"NFCe/{month}/Contingencia/{note.ChNFe}.xml", NoteDocuments.WithDeclarationAndBom(note.Bytes.Span));
        }

        SignedNote cancelled = _factory.CreateLimbo(Request());
        Write($"NFCe/{month}/Normal/{cancelled.ChNFe}-procNFe.xml", NoteDocuments.AsNfeProc(cancelled));
        Write(
            $"NFCe/{month}/Eventos/110111-{cancelled.ChNFe}-01-procEventoNFe.xml",
            NoteDocuments.CancellationEvent(cancelled.ChNFe, "143260000000001", _certificate, _now));
    }

    // Several notes in one enviNFe, which they inherit their namespace from; beside them what SEFAZ answered to an earlier one.
    private void WriteLite(int notes)
    {
        Write(
            "Lotes/lote-0000-ret.xml",
            Encoding.UTF8.GetBytes(
                "<retEnviNFe xmlns=\"http://www.portalfiscal.inf.br/nfe\" versao=\"4.00\"><tpAmb>2</tpAmb><cStat>104</cStat></retEnviNFe>"));
        int lote = 0;
        foreach (SignedNote[] some in Notes(notes).Chunk(3))
        {
            Write($"Lotes/lote-{++lote:0000}-env.xml", NoteDocuments.AsEnviNFe(some));
        }
    }

    // A folder a CNPJ, and one shared by all: it holds a copy, and a note of another store of the house.
    private void WriteMultiLoja(int notes, DemoStore other)
    {
        SignedNote[] own = Notes(notes).ToArray();
        foreach (SignedNote note in own)
        {
            Write($"{Cnpj}/saida/{note.FileName}", note.Bytes);
        }

        Write($"comum/{own[0].FileName}", own[0].Bytes);
        SignedNote foreign = other.Notes(1).Single();
        Write($"comum/{foreign.FileName}", foreign.Bytes);
        other.Write($"XML/Pendentes/{foreign.FileName}", foreign.Bytes);
    }

    private IEnumerable<SignedNote> Notes(int count) => Enumerable.Range(0, count).Select(_ => _factory.Create(Request()));

    private NoteRequest Request() => new()
    {
        IssuerId = Cnpj,
        Uf = Uf,
        Serie = _serie,
        Number = ++_number,
        DhEmi = _now.AddMinutes(-90).AddSeconds(_number % 3000),
        DhCont = _now.AddMinutes(-120),
        VNF = 10m + (_number % 90),
        WithConsumer = _number % 2 == 0,
        Signer = _certificate,
    };

    private void Write(string path, ReadOnlyMemory<byte> content)
    {
        string full = Path.Combine(SourcePath, path);
        Directory.CreateDirectory(Path.GetDirectoryName(full)!);
        File.WriteAllBytes(full, content.Span);
    }
}
