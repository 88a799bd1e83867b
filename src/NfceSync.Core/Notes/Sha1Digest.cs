using System;
using System.Security.Cryptography;

namespace NfceSync.Core.Notes;

/// <summary>SHA-1 over pieces, without a new hash object for each note.</summary>
internal static class Sha1Digest
{
    /// <summary>The digest's length in bytes.</summary>
    public const int Length = 20;

    [ThreadStatic]
    private static IncrementalHash? hash;

    /// <summary>The digest of <paramref name="first"/> followed by <paramref name="second"/>.</summary>
    public static void Compute(ReadOnlySpan<byte> first, ReadOnlySpan<byte> second, Span<byte> digest)
    {
        hash ??= IncrementalHash.CreateHash(HashAlgorithmName.SHA1);
#if NET
        hash.AppendData(first);
        hash.AppendData(second);
        hash.GetHashAndReset(digest);
#else
        hash.AppendData(first.ToArray());
        hash.AppendData(second.ToArray());
        hash.GetHashAndReset().CopyTo(digest);
#endif
    }
}
