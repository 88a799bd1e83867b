using System;

namespace NfceSync.Core.Stores;

/// <summary>Tells a PFX that .NET on OpenSSL 3 may not decrypt from one that is damaged.</summary>
internal static class PfxEncryption
{
    // The last byte of pkcs-12PbeIds (1.2.840.113549.1.12.1.x, RFC 7292 appendix C) that need RC4 (1, 2) or RC2 (5, 6). RC4
    // .NET does not open at all; RC2 OpenSSL 3 has in its legacy provider only, which many systems come without. 3DES (3, 4)
    // it still has.
    private static readonly byte[] Rc = { 1, 2, 5, 6 };

    private static readonly byte[] PbeIds = { 0x06, 0x0A, 0x2A, 0x86, 0x48, 0x86, 0xF7, 0x0D, 0x01, 0x0C, 0x01 };

    /// <summary>Whether an algorithm identifier in the file names RC2 or RC4; these stand outside of what is encrypted.</summary>
    public static bool IsLegacy(byte[] pfx)
    {
        ReadOnlySpan<byte> rest = pfx;
        int at;
        while ((at = rest.IndexOf(PbeIds)) >= 0 && at + PbeIds.Length < rest.Length)
        {
            rest = rest.Slice(at + PbeIds.Length);
            if (Array.IndexOf(Rc, rest[0]) >= 0)
            {
                return true;
            }
        }

        return false;
    }
}
