using System;
using System.Security;
using System.Security.Cryptography.X509Certificates;
using System.Threading;
using System.Threading.Tasks;

using NfceSync.Core;
using NfceSync.Core.Queue;
using NfceSync.Core.Sefaz;
using NfceSync.Core.Stores;
using NfceSync.Core.Sync;

namespace NfceSync.KillStorm;

/// <summary>What a technician's command does, over and over until the store is complete or nothing moves any more.</summary>
internal static class Program
{
    private const int MostRuns = 40;

    private static readonly SyncPacing Pacing = new()
    {
        CallTimeout = TimeSpan.FromSeconds(2),
        RetryDelay = TimeSpan.FromMilliseconds(2),
        ConsultDelay = TimeSpan.FromMilliseconds(2),
        ReceiptDelay = TimeSpan.FromMilliseconds(2),
    };

    public static async Task<int> Main(string[] args)
    {
        ChildOptions options = ChildOptions.Parse(args);
        using var marks = new Marks(options.HaltAt, options.HaltOn);
        try
        {
            for (int run = 0; run < MostRuns; run++)
            {
                if (await RunAsync(options, marks) is { } exit)
                {
                    return exit;
                }
            }

            return ChildExit.Left;
        }
        catch (NfceSyncException e)
        {
            marks.Write($"{Marks.Error} {e.ErrorId} {e.Message.ReplaceLineEndings(" ")}");
            return ChildExit.Failed;
        }
    }

    private static async Task<int?> RunAsync(ChildOptions options, Marks marks)
    {
        // Opened anew for each run, as each cmdlet does.
        using NfceQueue queue = NfceQueue.Open(new QueueOptions
        {
            Home = options.Home,
            Clock = new ChildClock { Shift = options.ClockShift },
            Probe = marks.Pass,
        });
        Store store = queue.Stores.Get(options.StoreName);
        using X509Certificate2 certificate = StoreCertificate.Load(store.Certificate, Password, DateTimeOffset.UtcNow);
        using var transport = new MarkingTransport(
            new HttpSefazTransport(
                service => queue.Endpoints.For(store.Uf, store.Environment, service, store.ServiceBaseAddress),
                certificate,
                ServerTrust.Load(store.TrustedRootPath),
                options.ThrottleLimit),
            marks);
        marks.Write(Marks.Ready);
        await new Intake(queue, store).TakeInAsync(CancellationToken.None);
        SyncReport report = await SyncEngine.RunAsync(
            queue,
            store,
            transport,
            CertificateInfo.From(certificate).TaxId!,
            new SyncOptions { ThrottleLimit = options.ThrottleLimit, Wait = options.Wait, Pacing = Pacing },
            new SilentListener(),
            only: null,
            CancellationToken.None);
        if (report.Stop is { } stop)
        {
            marks.Write($"{Marks.Stopped} {stop.ErrorId}");
        }

        if ((await Verification.RunAsync(queue, store, CancellationToken.None)).Complete)
        {
            return ChildExit.Complete;
        }

        // Notes were asked for too often within the hour, or the service within three minutes: nothing moves before time has passed.
        bool waits = report.Stop?.ErrorId is null
            or ErrorIds.NfceSefazUnreachable or ErrorIds.NfceServicePaused or ErrorIds.NfceServiceStateUnknown;
        return report.Handled == 0 && waits ? ChildExit.Left : null;
    }

    private static SecureString Password()
    {
        var password = new SecureString();
        foreach (char c in Environment.GetEnvironmentVariable(ChildOptions.PasswordVariable) ?? string.Empty)
        {
            password.AppendChar(c);
        }

        return password;
    }

    private sealed class SilentListener : ISyncListener
    {
        public void Decided(SyncResult result)
        {
        }

        public void Progress(int done, int total)
        {
        }

        public void Tell(string text)
        {
        }

        public void Warn(NfceSyncException problem)
        {
        }
    }
}
