using System;
using System.Collections.Generic;
using System.IO;
using System.Text.Json;

namespace NfceSync.SefazSimulator;

/// <summary>Keeps the ledger as lines of JSON that are only ever appended; of several lines about a key the last one counts.</summary>
internal sealed class StateFile : IDisposable
{
    private readonly StreamWriter _writer;

    public StateFile(string path)
    {
        Kept = [.. Read(path)];
        var torn = EndsTorn(path);
        _writer = new StreamWriter(path, append: true) { AutoFlush = true };
        if (torn)
        {
            _writer.WriteLine();
        }
    }

    private static IEnumerable<LedgerEntry> Read(string path)
    {
        if (!File.Exists(path))
        {
            yield break;
        }

        foreach (var line in File.ReadLines(path))
        {
            if (line.Length == 0)
            {
                continue;
            }

            Line? parsed;
            try
            {
                parsed = JsonSerializer.Deserialize<Line>(line);
            }
            catch (JsonException)
            {
                // The last line of a simulator that was killed while it wrote.
                continue;
            }

            if (parsed is not null)
            {
                yield return parsed.ToEntry();
            }
        }
    }

    /// <summary>What earlier runs kept.</summary>
    public IReadOnlyList<LedgerEntry> Kept { get; }

    public void Append(LedgerEntry entry) => _writer.WriteLine(JsonSerializer.Serialize(Line.Of(entry)));

    public void Dispose() => _writer.Dispose();

    private static bool EndsTorn(string path)
    {
        if (!File.Exists(path))
        {
            return false;
        }

        using var file = File.OpenRead(path);
        if (file.Length == 0)
        {
            return false;
        }

        file.Seek(-1, SeekOrigin.End);
        return file.ReadByte() != '\n';
    }

    private sealed record Line(
        string ChNFe, string? DigVal, string NProt, string NRec, DateTimeOffset DhRecbto, int CStat, NoteState State, byte[] Bytes, int CancellationCStat, byte[] CancellationEvent)
    {
        public static Line Of(LedgerEntry entry) => new(
            entry.ChNFe, entry.DigVal, entry.NProt, entry.NRec, entry.DhRecbto, entry.CStat, entry.State, entry.Bytes.ToArray(), entry.CancellationCStat, entry.CancellationEvent.ToArray());

        public LedgerEntry ToEntry() => new(ChNFe, DigVal, NProt, NRec, DhRecbto, CStat, State, Bytes)
        {
            CancellationCStat = CancellationCStat,
            CancellationEvent = CancellationEvent,
        };
    }
}
