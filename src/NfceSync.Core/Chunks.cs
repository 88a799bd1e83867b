#if !NET
using System.Collections.Generic;

namespace NfceSync.Core;

/// <summary>What LINQ has under the same name where it is newer than .NET Framework's.</summary>
internal static class Chunks
{
    public static IEnumerable<T[]> Chunk<T>(this IEnumerable<T> items, int size)
    {
        var chunk = new List<T>(size);
        foreach (T item in items)
        {
            chunk.Add(item);
            if (chunk.Count == size)
            {
                yield return chunk.ToArray();
                chunk.Clear();
            }
        }

        if (chunk.Count > 0)
        {
            yield return chunk.ToArray();
        }
    }
}
#endif
