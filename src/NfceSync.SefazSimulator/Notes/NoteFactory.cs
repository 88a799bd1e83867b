using System;
using System.Buffers.Binary;
using System.Collections.Generic;
using System.Globalization;
using System.Linq;
using System.Security.Cryptography;
using System.Text;

namespace NfceSync.SefazSimulator;

/// <summary>Makes signed notes as an ERP would have left them, and broken ones.</summary>
public sealed class NoteFactory
{
    private readonly TestAuthority _authority;
    private readonly TimeProvider _time;
    private readonly int _seed;

    /// <summary>Makes a factory.</summary>
    /// <param name="authority">Who issues the signers' certificates.</param>
    /// <param name="time">The clock for notes without <see cref="NoteRequest.DhEmi"/>; the system's if null.</param>
    /// <param name="seed">Makes <c>cNF</c> repeatable.</param>
    public NoteFactory(TestAuthority authority, TimeProvider? time = null, int seed = 1)
    {
        _authority = authority;
        _time = time ?? TimeProvider.System;
        _seed = seed;
    }

    /// <summary>Makes one note.</summary>
    /// <param name="request">What it shall contain.</param>
    /// <returns>The signed note.</returns>
    public SignedNote Create(NoteRequest? request = null) => Build(request ?? new NoteRequest(), null);

    /// <summary>Makes notes with consecutive numbers, on all cores.</summary>
    /// <param name="first">The first of them.</param>
    /// <param name="count">How many.</param>
    /// <returns>The notes in the order of their numbers.</returns>
    public IReadOnlyList<SignedNote> CreateMany(NoteRequest first, int count)
    {
        ArgumentNullException.ThrowIfNull(first);
        return [.. Enumerable.Range(0, count).AsParallel().AsOrdered().Select(i => Create(first with { Number = first.Number + i }))];
    }

    /// <summary>Makes a note issued in normal mode whose answer never came (<c>tpEmis</c> 1).</summary>
    /// <param name="request">What else it shall contain.</param>
    /// <returns>The signed note.</returns>
    public SignedNote CreateLimbo(NoteRequest? request = null) => Create((request ?? new NoteRequest()) with { TpEmis = 1 });

    /// <summary>Makes a note of model 55, which no synchronisation may touch.</summary>
    /// <param name="request">What else it shall contain.</param>
    /// <returns>The signed note.</returns>
    public SignedNote CreateModel55(NoteRequest? request = null) => Create((request ?? new NoteRequest()) with { TpEmis = 1, Model = 55 });

    /// <summary>Makes a note that SEFAZ refuses.</summary>
    /// <param name="flaw">What is wrong with it.</param>
    /// <param name="request">What it shall contain.</param>
    /// <returns>The note; its digest is the one that was signed.</returns>
    public SignedNote CreateFlawed(NoteFlaw flaw, NoteRequest? request = null) => Build(request ?? new NoteRequest(), flaw);

    private SignedNote Build(NoteRequest request, NoteFlaw? flaw)
    {
        var uf = FederativeUnit.Of(request.Uf);
        // Notes carry whole seconds.
        var now = _time.GetUtcNow().ToOffset(uf.Offset);
        var dhEmi = request.DhEmi ?? now.AddTicks(-(now.Ticks % TimeSpan.TicksPerSecond)).AddMinutes(-10);
        var cNF = request.CNF ?? RandomCode(request);
        var key = NoteContent.Key(request, uf, dhEmi, cNF);
        if (flaw == NoteFlaw.WrongCheckDigit)
        {
            key = key[..43] + (char)('0' + (key[43] - '0' + 1) % 10);
        }

        var inner = NoteContent.Inner(request, uf, dhEmi, cNF, key[43], flaw != NoteFlaw.ContingencyReasonMissing);
        if (flaw == NoteFlaw.IdDiffersFromFields)
        {
            var other = key[..42] + (char)('0' + (key[42] - '0' + 1) % 10);
            key = other + TaxIds.KeyDigit(other.AsSpan(0, 43));
        }

        var id = "NFe" + key;
        var signer = EnvelopedSigner.Of(request.Signer ?? _authority.Issue(request.IssuerId));
        var canonical = $"<infNFe xmlns=\"{Namespaces.Nfe}\" Id=\"{id}\" versao=\"4.00\">{inner}</infNFe>";
        var digest = EnvelopedSigner.Digest(canonical);
        var signature = flaw switch
        {
            NoteFlaw.SignatureBroken => signer.Signature(id, digest, signer.SignText("something else")),
            NoteFlaw.OtherAlgorithm => Sha256Signature(signer, id, canonical, out digest),
            _ => signer.Signature(id, digest),
        };
        if (flaw == NoteFlaw.ContentEdited)
        {
            inner = inner.Replace("Obrigado", "Obrigada", StringComparison.Ordinal);
        }

        var supplement = request.Model == 65 ? NoteContent.Supplement(request, key, dhEmi, digest, signer) : string.Empty;
        var infNFe = request.NonCanonical
            ? $"<infNFe versao='4.00' Id='{id}'>{Respell(inner)}</infNFe >"
            : $"<infNFe Id=\"{id}\" versao=\"4.00\">{inner}</infNFe>";
        var bytes = Encoding.UTF8.GetBytes($"<NFe xmlns=\"{Namespaces.Nfe}\">{infNFe}{supplement}{signature}</NFe>");
        return new SignedNote(key, digest, request.VNF, dhEmi, request.TpAmb, bytes);
    }

    // Spellings that mean the same to an XML parser and that canonicalisation undoes.
    private static string Respell(string inner) => inner
        .Replace("&amp;", "&#38;", StringComparison.Ordinal)
        .Replace("ã", "&#xE3;", StringComparison.Ordinal)
        .Replace("&gt;", ">", StringComparison.Ordinal)
        .Replace("\"leve\"", "&quot;leve&quot;", StringComparison.Ordinal)
        .Replace(" nItem=\"1\"", "  nItem = '1'", StringComparison.Ordinal);

    private static string Sha256Signature(EnvelopedSigner signer, string id, string canonical, out string digest)
    {
        digest = Convert.ToBase64String(SHA256.HashData(Encoding.UTF8.GetBytes(canonical)));
        var info = EnvelopedSigner.CanonicalSignedInfo(
            id, digest, "http://www.w3.org/2001/04/xmldsig-more#rsa-sha256", "http://www.w3.org/2001/04/xmlenc#sha256");
        return signer.Element(info, signer.SignText(info));
    }

    // A hash instead of a running generator: a note's code does not depend on which notes were made before it.
    private string RandomCode(NoteRequest request)
    {
        var text = string.Create(
            CultureInfo.InvariantCulture,
            $"{_seed}|{request.IssuerId}|{request.Model}|{request.Serie}|{request.Number}|{request.TpEmis}");
        Span<byte> hash = stackalloc byte[SHA256.HashSizeInBytes];
        SHA256.HashData(Encoding.ASCII.GetBytes(text), hash);
        // From 10000000: clear of the codes that rule B03-10 forbids, bar a collision the caller can see.
        var code = 10000001 + BinaryPrimitives.ReadUInt32LittleEndian(hash) % 80000000;
        return code.ToString(CultureInfo.InvariantCulture);
    }
}
