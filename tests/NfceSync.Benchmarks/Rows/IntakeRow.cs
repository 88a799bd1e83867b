using System;
using System.Collections.Generic;
using System.Diagnostics;
using System.IO;
using System.Linq;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using System.Threading;
using System.Threading.Tasks;
using System.Xml;

using NfceSync.Core.Sync;

namespace NfceSync.Benchmarks.Rows;

/// <summary>New files taken into the queue, against the least that reads and verifies them; and the look at an unchanged folder.</summary>
internal static class IntakeRow
{
    public static async IAsyncEnumerable<Figure> RunAsync(Workload workload)
    {
        int notes = workload.Quick ? 2000 : 10_000;
        string[] files = Directory.GetFiles(workload.Source(notes));
        List<(TimeSpan Bare, TimeSpan BareOneCore, TimeSpan First, TimeSpan Second)> passes = [];
        for (int i = 0; i <= workload.Passes; i++)
        {
            using StoreQueue queue = workload.NewQueue(notes);
            TimeSpan bare = Read(workload, files, Environment.ProcessorCount);
            TimeSpan first = await TakeInAsync(queue, notes, notes);
            TimeSpan second = await TakeInAsync(queue, notes, 0);
            passes.Add((bare, Read(workload, files, 1), first, second));
        }

        passes.RemoveAt(0);
        yield return new Figure(
            $"intake of {notes} new files: of reading and verifying them on all cores",
            passes.Select(took => took.First / took.Bare).ToList(),
            Note: $"XmlReader + SHA-1 + RSA: {Figure.MedianOf(passes.Select(took => took.Bare.TotalSeconds)):0.00} s; intake {Figure.MedianOf(passes.Select(took => took.First.TotalSeconds)):0.00} s");
        yield return new Figure(
            $"intake of {notes} new files: of reading and verifying them one after the other",
            passes.Select(took => took.First / took.BareOneCore).ToList(),
            Note: $"XmlReader + SHA-1 + RSA: {Figure.MedianOf(passes.Select(took => took.BareOneCore.TotalSeconds)):0.00} s")
        { AtMost = 1.5 };
        yield return new Figure(
            "the same folder once more, nothing changed: of the first look",
            passes.Select(took => took.Second / took.First).ToList(),
            Note: $"{Figure.MedianOf(passes.Select(took => took.Second.TotalMilliseconds)):0} ms")
        { AtMost = 0.05 };
    }

    private static async Task<TimeSpan> TakeInAsync(StoreQueue queue, int seen, int expected)
    {
        var watch = Stopwatch.StartNew();
        IntakeReport report = await new Intake(queue.Queue, queue.Store).TakeInAsync(CancellationToken.None);
        watch.Stop();
        return report.FilesSeen == seen && report.NewNotes == expected
            ? watch.Elapsed
            : throw new InvalidOperationException($"{report.NewNotes} of {expected} notes were new.");
    }

    // The signature is over the same digest for every file: what it costs to verify does not depend on what is verified.
    private static TimeSpan Read(Workload workload, string[] files, int cores)
    {
        using RSA signer = workload.Certificate.GetRSAPrivateKey()!;
        byte[] digest = SHA1.HashData([]);
        byte[] signature = signer.SignHash(digest, HashAlgorithmName.SHA1, RSASignaturePadding.Pkcs1);
        using RSA key = workload.Certificate.GetRSAPublicKey()!;
        var watch = Stopwatch.StartNew();
        Parallel.ForEach(files, new ParallelOptions { MaxDegreeOfParallelism = cores }, file =>
        {
            byte[] bytes = File.ReadAllBytes(file);
            using var reader = XmlReader.Create(new MemoryStream(bytes, writable: false));
            while (reader.Read())
            {
            }

            SHA1.HashData(bytes);
            if (!key.VerifyHash(digest, signature, HashAlgorithmName.SHA1, RSASignaturePadding.Pkcs1))
            {
                throw new InvalidOperationException("The signature was made with this key.");
            }
        });
        return watch.Elapsed;
    }
}
