using System;
using System.Buffers;
using System.Buffers.Text;
using System.IO;
using System.Linq;
using System.Security.Cryptography;
using System.Security.Cryptography.Xml;
using System.Text;
using System.Xml;

namespace NfceSync.Core.Notes;

/// <summary>
/// Verifies digest and signature of a note. What is verified is fixed by xmldsig-core-schema_v1.01.xsd, and the signature
/// never chooses it: one reference to this <c>infNFe</c>, enveloped signature and C14N, SHA-1, RSA-SHA1, one certificate.
/// </summary>
/// <remarks>
/// Nearly every note is written as Canonical XML writes it; then the raw bytes are hashed. Every other is canonicalised with a
/// DOM. The fast way is taken only where it provably equals the other, and it never refuses: what it does not prove, the
/// other one judges.
/// </remarks>
internal static class NoteSignature
{
    private const int Base64DigestLength = 28;
    private const int MaxSignatureBytes = 1024;
    private const string C14N = "http://www.w3.org/TR/2001/REC-xml-c14n-20010315";
    private const string RsaSha1 = "http://www.w3.org/2000/09/xmldsig#rsa-sha1";
    private const string Sha1 = "http://www.w3.org/2000/09/xmldsig#sha1";
    private const string Enveloped = "http://www.w3.org/2000/09/xmldsig#enveloped-signature";

    private static ReadOnlySpan<byte> SignatureStart => "<Signature xmlns=\"http://www.w3.org/2000/09/xmldsig#\">"u8;

    private static ReadOnlySpan<byte> SignedInfoStart => "<SignedInfo xmlns=\"http://www.w3.org/2000/09/xmldsig#\">"u8;

    private static ReadOnlySpan<byte> SignedInfoToKey =>
        "<CanonicalizationMethod Algorithm=\"http://www.w3.org/TR/2001/REC-xml-c14n-20010315\"></CanonicalizationMethod><SignatureMethod Algorithm=\"http://www.w3.org/2000/09/xmldsig#rsa-sha1\"></SignatureMethod><Reference URI=\"#"u8;

    private static ReadOnlySpan<byte> SignedInfoToDigest =>
        "\"><Transforms><Transform Algorithm=\"http://www.w3.org/2000/09/xmldsig#enveloped-signature\"></Transform><Transform Algorithm=\"http://www.w3.org/TR/2001/REC-xml-c14n-20010315\"></Transform></Transforms><DigestMethod Algorithm=\"http://www.w3.org/2000/09/xmldsig#sha1\"></DigestMethod><DigestValue>"u8;

    private static ReadOnlySpan<byte> SignedInfoEnd => "</DigestValue></Reference></SignedInfo>"u8;

    /// <summary>Looks for what is wrong with the signature.</summary>
    /// <param name="file">The file.</param>
    /// <param name="draft">Where the note's parts lie in it.</param>
    /// <param name="standalone">The note as it would be sent.</param>
    /// <param name="issuerId">The emitter's CNPJ or CPF.</param>
    /// <param name="digest">The <c>DigestValue</c> in base64: the recomputed one, or the stated one where they differ.</param>
    /// <returns>Null where everything is proven.</returns>
    public static Defect? FindDefect(
        byte[] file, NoteDraft draft, ReadOnlyMemory<byte> standalone, string issuerId, out string? digest)
    {
        SigningCertificate? certificate = TryVerifyRaw(file, draft, out digest);
        if (certificate is null)
        {
            Defect? defect = VerifyCanonicalised(standalone, draft.Id!, out certificate, out digest);
            if (defect is not null)
            {
                return defect;
            }
        }

        return certificate!.BelongsTo(issuerId) ? null : new Defect(ErrorIds.NfceSignerNotEmitter);
    }

    private static SigningCertificate? TryVerifyRaw(ReadOnlySpan<byte> file, NoteDraft draft, out string? digest)
    {
        digest = null;
        if (draft.HasOtherNamespaces || !draft.InfNFeIsPlain || !draft.InfNFeIsCanonical
            || draft.SignatureElements != 5 || draft.Versao!.Length > 8 || draft.Versao.AsSpan().Trim("0123456789.".AsSpan()).Length > 0)
        {
            return null;
        }

        ReadOnlySpan<byte> signature = Slice(file, draft.Signature.Start, draft.Signature.ContentStart);
        if (!signature.SequenceEqual(SignatureStart) || draft.SignedInfo.End == 0 || draft.SignatureValue.End == 0
            || draft.Certificate.End == 0)
        {
            return null;
        }

        Span<byte> buffer = stackalloc byte[1024];
        Span<byte> hash = stackalloc byte[Sha1Digest.Length];
        var writer = new AsciiWriter(buffer);
        writer.Write("<infNFe xmlns=\"http://www.portalfiscal.inf.br/nfe\" Id=\""u8);
        writer.Write(draft.Id!);
        writer.Write("\" versao=\""u8);
        writer.Write(draft.Versao);
        writer.Write("\">"u8);
        Sha1Digest.Compute(writer.Written, Slice(file, draft.InfNFe.ContentStart, draft.InfNFe.End), hash);

        writer = new AsciiWriter(buffer);
        writer.Write(SignedInfoStart);
        writer.Write(SignedInfoToKey);
        writer.Write(draft.Id!);
        writer.Write(SignedInfoToDigest);
        Base64.EncodeToUtf8(hash, writer.Take(Base64DigestLength), out _, out _);
        ReadOnlySpan<byte> digestText = writer.Written.Slice(writer.Written.Length - Base64DigestLength);
        writer.Write(SignedInfoEnd);
        if (!IsSameSignedInfo(Slice(file, draft.SignedInfo.Start, draft.SignedInfo.End), writer.Written))
        {
            return null;
        }

        ReadOnlySpan<byte> base64 = Slice(file, draft.SignatureValue.ContentStart, draft.SignatureValue.ContentEnd);
        Span<byte> value = stackalloc byte[MaxSignatureBytes];
        if (Base64.DecodeFromUtf8(base64, value, out int consumed, out int length) != OperationStatus.Done || consumed != base64.Length)
        {
            return null;
        }

        SigningCertificate? certificate = SigningCertificate.Get(Slice(file, draft.Certificate.ContentStart, draft.Certificate.ContentEnd));
        Sha1Digest.Compute(writer.Written, default, hash);
        if (certificate is null || !certificate.Verifies(hash, value.Slice(0, length)))
        {
            return null;
        }

        digest = Encoding.ASCII.GetString(digestText.ToArray());
        return certificate;
    }

    /// <summary>
    /// Whether the canonical form of what was written is <paramref name="canonical"/>: the same bytes, but for the namespace
    /// that <c>SignedInfo</c> inherits and for empty elements written with one tag.
    /// </summary>
    private static bool IsSameSignedInfo(ReadOnlySpan<byte> written, ReadOnlySpan<byte> canonical)
    {
        ReadOnlySpan<byte> inheriting = "<SignedInfo>"u8;
        int start = written.StartsWith(inheriting) ? inheriting.Length
            : written.StartsWith(SignedInfoStart) ? SignedInfoStart.Length
            : -1;
        if (start < 0)
        {
            return false;
        }

        written = written.Slice(start);
        canonical = canonical.Slice(SignedInfoStart.Length);
        while (true)
        {
            int same = CommonPrefix(written, canonical);
            written = written.Slice(same);
            canonical = canonical.Slice(same);
            if (written.IsEmpty || canonical.IsEmpty)
            {
                return written.IsEmpty && canonical.IsEmpty;
            }

            int slash = written.StartsWith("/>"u8) ? 2 : written.StartsWith(" />"u8) ? 3 : 0;
            if (slash == 0 || !canonical.StartsWith("></"u8))
            {
                return false;
            }

            written = written.Slice(slash);
            canonical = canonical.Slice(1);
            canonical = canonical.Slice(canonical.IndexOf((byte)'>') + 1);
        }
    }

    private static int CommonPrefix(ReadOnlySpan<byte> a, ReadOnlySpan<byte> b)
    {
#if NET
        return a.CommonPrefixLength(b);
#else
        int length = Math.Min(a.Length, b.Length);
        int same = 0;
        while (same < length && a[same] == b[same])
        {
            same++;
        }

        return same;
#endif
    }

    private static ReadOnlySpan<byte> Slice(ReadOnlySpan<byte> file, int start, int end) => file.Slice(start, end - start);

    private static Defect? VerifyCanonicalised(
        ReadOnlyMemory<byte> standalone, string id, out SigningCertificate? certificate, out string? digest)
    {
        certificate = null;
        digest = null;
        var document = new XmlDocument { PreserveWhitespace = true, XmlResolver = null };
        try
        {
            var settings = new XmlReaderSettings { DtdProcessing = DtdProcessing.Prohibit, XmlResolver = null };
            using var reader = XmlReader.Create(new MemoryStream(standalone.ToArray(), writable: false), settings);
            document.Load(reader);
        }
        catch (XmlException)
        {
            return new Defect(ErrorIds.NfceNoteNotStandalone);
        }

        XmlElement root = document.DocumentElement!;
        if (root.Attributes.Cast<XmlAttribute>().Any(attribute => !IsDeclaration(attribute)))
        {
            // xml:lang and the like would become part of what is signed.
            return new Defect(ErrorIds.NfceNoteNotStandalone);
        }

        XmlElement infNFe = root["infNFe", NoteXml.NfeNamespace]!;
        if (root["Signature", NoteXml.DsigNamespace] is not { } signature)
        {
            return new Defect(ErrorIds.NfceSignatureMissing);
        }

        SignatureParts? parts = SignatureParts.Read(signature, id);
        if (parts is null)
        {
            return new Defect(ErrorIds.NfceSignatureForm);
        }

        digest = parts.DigestValue;
        byte[] computed = DigestOf(infNFe);
        if (Decode(parts.DigestValue) is not { } stated || !stated.AsSpan().SequenceEqual(computed))
        {
            return new Defect(ErrorIds.NfceNoteDigestMismatch);
        }

        digest = Convert.ToBase64String(computed);
        certificate = SigningCertificate.Get(Encoding.UTF8.GetBytes(parts.Certificate));
        if (certificate is null)
        {
            return new Defect(ErrorIds.NfceSigningCertificateUnreadable);
        }

        return Decode(parts.SignatureValue) is { } value && certificate.Verifies(DigestOf(parts.SignedInfo), value)
            ? null
            : new Defect(ErrorIds.NfceSignatureInvalid);
    }

    // Inclusive C14N of a subtree: the declarations in scope belong to its first element.
    private static byte[] DigestOf(XmlElement element)
    {
        var subtree = new XmlDocument { PreserveWhitespace = true, XmlResolver = null };
        var copy = (XmlElement)subtree.AppendChild(subtree.ImportNode(element, deep: true))!;
        for (XmlNode? around = element.ParentNode; around is XmlElement ancestor; around = ancestor.ParentNode)
        {
            foreach (XmlAttribute attribute in ancestor.Attributes)
            {
                if (IsDeclaration(attribute) && !copy.HasAttribute(attribute.Name))
                {
                    copy.SetAttributeNode((XmlAttribute)subtree.ImportNode(attribute, deep: true));
                }
            }
        }

        var transform = new XmlDsigC14NTransform();
        transform.LoadInput(subtree);
        using var sha1 = SHA1.Create();
        return transform.GetDigestedOutput(sha1);
    }

    private static bool IsDeclaration(XmlAttribute attribute) => attribute.NamespaceURI == "http://www.w3.org/2000/xmlns/";

    private static byte[]? Decode(string base64)
    {
        try
        {
            return Convert.FromBase64String(base64);
        }
        catch (FormatException)
        {
            return null;
        }
    }

    /// <summary>The parts of a signature that has exactly the form of the schema.</summary>
    private sealed class SignatureParts
    {
        public required XmlElement SignedInfo { get; init; }

        public required string DigestValue { get; init; }

        public required string SignatureValue { get; init; }

        public required string Certificate { get; init; }

        /// <summary>Reads the parts; null where anything else than the one allowed form is met (rule F01, cStat 298).</summary>
        public static SignatureParts? Read(XmlElement signature, string id)
        {
            if (Children(signature, "SignedInfo", "SignatureValue", "KeyInfo") is not [var signedInfo, var value, var keyInfo]
                || Children(signedInfo, "CanonicalizationMethod", "SignatureMethod", "Reference") is not [var c14n, var method, var reference]
                || Children(reference, "Transforms", "DigestMethod", "DigestValue") is not [var transforms, var digestMethod, var digestValue]
                || Children(transforms, "Transform", "Transform") is not [var first, var second]
                || Children(keyInfo, "X509Data") is not [var data]
                || Children(data, "X509Certificate") is not [var certificate])
            {
                return null;
            }

            bool fixedForm = IsAlgorithm(c14n, C14N) && IsAlgorithm(method, RsaSha1) && IsAlgorithm(digestMethod, Sha1)
                && ((IsAlgorithm(first, Enveloped) && IsAlgorithm(second, C14N)) || (IsAlgorithm(first, C14N) && IsAlgorithm(second, Enveloped)))
                && reference.GetAttribute("URI") == "#" + id
                && Children(value) is not null && Children(digestValue) is not null && Children(certificate) is not null;
            return fixedForm
                ? new SignatureParts
                {
                    SignedInfo = signedInfo,
                    DigestValue = digestValue.InnerText.Trim(),
                    SignatureValue = value.InnerText,
                    Certificate = certificate.InnerText,
                }
                : null;
        }

        private static bool IsAlgorithm(XmlElement element, string algorithm) =>
            element.GetAttribute("Algorithm") == algorithm && Children(element) is not null;

        /// <summary>The child elements where they are these and no others, in this order; otherwise null.</summary>
        private static XmlElement[]? Children(XmlElement parent, params string[] names)
        {
            XmlElement[] children = parent.ChildNodes.OfType<XmlElement>().ToArray();
            return children.All(child => child.NamespaceURI == NoteXml.DsigNamespace)
                && children.Select(child => child.LocalName).SequenceEqual(names)
                    ? children
                    : null;
        }
    }

    private ref struct AsciiWriter
    {
        private readonly Span<byte> buffer;
        private int length;

        public AsciiWriter(Span<byte> buffer)
        {
            this.buffer = buffer;
            length = 0;
        }

        public readonly ReadOnlySpan<byte> Written => buffer.Slice(0, length);

        public void Write(ReadOnlySpan<byte> text) => text.CopyTo(Take(text.Length));

        public void Write(string text)
        {
            Span<byte> target = Take(text.Length);
            for (int i = 0; i < text.Length; i++)
            {
                target[i] = (byte)text[i];
            }
        }

        public Span<byte> Take(int count)
        {
            length += count;
            return buffer.Slice(length - count, count);
        }
    }
}
