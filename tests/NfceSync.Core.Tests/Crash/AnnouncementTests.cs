using System;
using System.Collections.Concurrent;
using System.Linq;
using System.Security.Cryptography.X509Certificates;
using System.Threading;
using System.Threading.Tasks;

using NfceSync.Core.Queue;
using NfceSync.Core.Sefaz;
using NfceSync.Core.Stores;
using NfceSync.Core.Sync;
using NfceSync.Core.Tests.Sync;

using Xunit;

namespace NfceSync.Core.Tests.Crash;

/// <summary>The same rule as <see cref="DurabilityOrderTests"/> holds against the system calls, here without strace and with several workers.</summary>
public class AnnouncementTests
{
    [Fact]
    public async Task Whoever_looks_when_a_note_is_sent_finds_it_announced_and_the_attempt_written_down()
    {
        await using TestStore store = await TestStore.CreateAsync();
        store.DropNotes(12);
        await store.TakeInAsync();
        using X509Certificate2 certificate = X509CertificateLoader.LoadPkcs12FromFile(store.PfxPath, TestStore.Password);
        using var transport = new Witness(
            store.Queue,
            new HttpSefazTransport(
                service => store.Queue.Endpoints.For(store.Store.Uf, store.Store.Environment, service, store.Store.ServiceBaseAddress),
                certificate,
                ServerTrust.Load(store.RootPath),
                TestStore.Quick.ThrottleLimit));

        SyncReport report = await SyncEngine.RunAsync(
            store.Queue, store.Store, transport, store.Store.IssuerId, TestStore.Quick, new TestStore.Listener(), only: null, CancellationToken.None);

        Assert.Equal(12, report.Final);
        Assert.Equal(12, transport.Announced.Count);
        Assert.All(transport.Announced, announced => Assert.True(announced));
    }

    /// <summary>Looks into the queue through a connection of its own, which sees only what is committed.</summary>
    private sealed class Witness(NfceQueue queue, ISefazTransport inner) : ISefazTransport
    {
        public ConcurrentBag<bool> Announced { get; } = new();

        public Task<WireReply> SendAsync(SefazService service, byte[] envelope, CancellationToken cancel)
        {
            if (service == SefazService.Autorizacao)
            {
                using SqlSession session = queue.Database.Open(readOnly: true);
                Announced.Add(session.Query(
                    """
                    SELECT v.bytes FROM note n JOIN note_version v USING (version_id) JOIN attempt a USING (note_id)
                    WHERE n.state = 2 AND a.service = 0 AND a.outcome = 0
                    """,
                    row => row.GetFieldValue<byte[]>(0)).ToList().Exists(bytes => envelope.AsSpan().IndexOf(bytes) > 0));
            }

            return inner.SendAsync(service, envelope, cancel);
        }

        public void Dispose() => inner.Dispose();
    }
}
