using System;
using System.Buffers.Text;
using System.IO;
using System.Security.Cryptography;
using System.Security.Cryptography.Xml;
using System.Text;
using System.Xml;

namespace NfceSync.SefazSimulator;

/// <summary>Rules F01 (298) and F02 (297).</summary>
internal static class SignatureCheck
{
    private const string TransformsInOrder = Namespaces.Enveloped + " " + Namespaces.C14N + " ";
    private const string TransformsSwapped = Namespaces.C14N + " " + Namespaces.Enveloped + " ";
    private const string Before = Namespaces.C14N + " " + Namespaces.RsaSha1 + " ";
    private const string After = Namespaces.Sha1 + " ";

    public static int Check(NoteFields note, ReadOnlyMemory<byte> bytes, Signer signer)
    {
        var usual = note.Algorithms == Before + TransformsInOrder + After;
        if ((!usual && note.Algorithms != Before + TransformsSwapped + After) || note.ReferenceUri != "#" + note.Id)
        {
            return 298;
        }

        return (usual && MatchesAsWritten(note, bytes.Span, signer)) || MatchesCanonicalised(bytes, signer) ? 0 : 297;
    }

    // Most ERPs write canonical content: then the raw slice under a canonical start tag is what was signed.
    private static bool MatchesAsWritten(NoteFields note, ReadOnlySpan<byte> bytes, Signer signer)
    {
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA1);
        hash.AppendData(Encoding.UTF8.GetBytes($"<infNFe xmlns=\"{Namespaces.Nfe}\" Id=\"{note.Id}\" versao=\"{note.Versao}\">"));
        hash.AppendData(NoteSlices.InfNFeContent(bytes));
        hash.AppendData("</infNFe>"u8);
        Span<byte> digest = stackalloc byte[SHA1.HashSizeInBytes];
        hash.GetHashAndReset(digest);
        Span<byte> claimed = stackalloc byte[32];
        if (!Convert.TryFromBase64String(note.DigestValue ?? string.Empty, claimed, out var length) || !digest.SequenceEqual(claimed[..length]))
        {
            return false;
        }

        var signature = new byte[Base64.GetMaxDecodedFromUtf8Length(note.SignatureValue?.Length ?? 0)];
        return Convert.TryFromBase64String(note.SignatureValue ?? string.Empty, signature, out length)
            && signer.Verify(Encoding.UTF8.GetBytes(EnvelopedSigner.CanonicalSignedInfo(note.Id!, note.DigestValue!)), signature.AsSpan(0, length));
    }

    private static bool MatchesCanonicalised(ReadOnlyMemory<byte> bytes, Signer signer)
    {
        var text = Encoding.UTF8.GetString(bytes.Span);
        if (!text[..text.IndexOf('>')].Contains("xmlns=", StringComparison.Ordinal))
        {
            // The note inherits its namespace from enviNFe.
            text = $"<NFe xmlns=\"{Namespaces.Nfe}\"" + text[4..];
        }

        try
        {
            var document = new XmlDocument { PreserveWhitespace = true, XmlResolver = null };
            using var reader = XmlReader.Create(new StringReader(text), new XmlReaderSettings { DtdProcessing = DtdProcessing.Prohibit });
            document.Load(reader);
            var signatures = document.GetElementsByTagName("Signature", Namespaces.Dsig);
            if (signatures.Count != 1)
            {
                return false;
            }

            var signed = new SignedXml(document);
            signed.LoadXml((XmlElement)signatures[0]!);
            return signed.CheckSignature(signer.Certificate, verifySignatureOnly: true);
        }
        catch (Exception e) when (e is CryptographicException or XmlException or FormatException)
        {
            return false;
        }
    }
}
