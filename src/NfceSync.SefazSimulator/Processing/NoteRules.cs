using System;
using System.Globalization;

namespace NfceSync.SefazSimulator;

/// <summary>Rules about a note's content (MOC 7.0, Anexo I, 4.2.1), in the order of their fields.</summary>
internal sealed class NoteRules(SimulatorOptions options)
{
    // Rule B09-10: clocks may differ by five minutes.
    private static readonly TimeSpan Tolerance = TimeSpan.FromMinutes(5);
    private readonly int _uf = FederativeUnit.Of(options.Uf).Code;

    /// <summary>The part of rule D01 (225) that the other rules stand on.</summary>
    public static bool LooksLikeLayout(NoteFields note) =>
        note is { Versao: "4.00", Certificate: not null, DigestValue: not null, SignatureValue: not null, ReferenceUri: not null }
        && AccessKey.IsWellFormed(note.Key) && note.Id!.StartsWith("NFe", StringComparison.Ordinal)
        && IsDigits(note.CUf, 2, 2) && IsDigits(note.CNF, 8, 8) && IsDigits(note.Serie, 1, 3) && IsDigits(note.NNF, 1, 9)
        && IsDigits(note.TpEmis, 1, 1) && IsDigits(note.CDV, 1, 1) && note.Mod is "55" or "65" && note.TpAmb is "1" or "2"
        && (note.Cnpj is { Length: 14 } || IsDigits(note.Cpf, 11, 11)) && note.VNF is not null
        && IsTime(note.DhEmi) && (note.DhCont is null || IsTime(note.DhCont)) && note.XJust is null or { Length: >= 15 and <= 256 };

    public static DateTimeOffset Time(string text) => DateTimeOffset.Parse(text, CultureInfo.InvariantCulture);

    /// <summary>The code of the first rule broken, or 0.</summary>
    public int Check(NoteFields note, DateTimeOffset now)
    {
        var dhEmi = Time(note.DhEmi!);
        return note switch
        {
            // A03-10, B02-10, B03-10, B06-40
            _ when !IdMatchesFields(note, dhEmi) => 502,
            _ when Number(note.CUf!) != _uf => 226,
            _ when IsForbiddenCode(note) => 897,
            { Mod: not "65" } => 775,
            // B09-10, B09-40
            _ when dhEmi > now + Tolerance => 703,
            { TpEmis: not "9" } when dhEmi < now - Tolerance => 704,
            // B22-40, B23-10, B24-10
            { TpEmis: not ("1" or "9") } => 714,
            _ when TaxIds.KeyDigit(note.Key.AsSpan(0, 43)) != note.CDV![0] => 253,
            _ when Number(note.TpAmb!) != options.TpAmb => 252,
            _ => CheckContingency(note, dhEmi, now) is var contingency && contingency != 0 ? contingency : CheckIssuer(note),
        };
    }

    // B28-10 to B28-40
    private static int CheckContingency(NoteFields note, DateTimeOffset dhEmi, DateTimeOffset now)
    {
        if (note.TpEmis == "1")
        {
            return note.DhCont is null && note.XJust is null ? 0 : 556;
        }

        if (note.DhCont is null || note.XJust is null)
        {
            return 557;
        }

        var dhCont = Time(note.DhCont);
        return dhCont > now + Tolerance ? 558 : dhCont < dhEmi.AddDays(-30) ? 569 : 0;
    }

    // C02-10, C02a-20
    private static int CheckIssuer(NoteFields note) =>
        note.Cnpj is not null ? TaxIds.IsCnpj(note.Cnpj) ? 0 : 207 : TaxIds.IsCpf(note.Cpf!) ? 0 : 401;

    private static bool IdMatchesFields(NoteFields note, DateTimeOffset dhEmi)
    {
        var expected = string.Create(
            CultureInfo.InvariantCulture,
            $"{note.CUf}{dhEmi:yyMM}{(note.Cnpj ?? note.Cpf)!.PadLeft(14, '0')}{note.Mod}{Number(note.Serie!):000}{Number(note.NNF!):000000000}{note.TpEmis}{note.CNF}{note.CDV}");
        return expected == note.Key;
    }

    // B03-10: the same digit eight times, a run such as 12345678 or 90123456, or the note's own number.
    private static bool IsForbiddenCode(NoteFields note)
    {
        var code = note.CNF!;
        var same = true;
        var run = true;
        for (var i = 1; i < code.Length; i++)
        {
            same &= code[i] == code[0];
            run &= (code[i] - code[i - 1] + 10) % 10 == 1;
        }

        return same || run || Number(code) == Number(note.NNF!);
    }

    private static bool IsTime(string? text) =>
        text is { Length: 25 } && DateTimeOffset.TryParse(text, CultureInfo.InvariantCulture, DateTimeStyles.None, out _);

    private static bool IsDigits(string? text, int shortest, int longest) =>
        text is not null && text.Length >= shortest && text.Length <= longest && !text.AsSpan().ContainsAnyExceptInRange('0', '9');

    private static int Number(string text) => int.Parse(text, NumberStyles.None, CultureInfo.InvariantCulture);
}
