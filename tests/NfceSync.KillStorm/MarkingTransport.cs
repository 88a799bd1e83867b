using System;
using System.Text;
using System.Threading;
using System.Threading.Tasks;

using NfceSync.Core.Sefaz;
using NfceSync.Core.Stores;

namespace NfceSync.KillStorm;

/// <summary>The real transport behind a mark that names the request.</summary>
internal sealed class MarkingTransport : ISefazTransport
{
    private const int KeyLength = 44;

    private readonly ISefazTransport _inner;
    private readonly Marks _marks;

    public MarkingTransport(ISefazTransport inner, Marks marks)
    {
        _inner = inner;
        _marks = marks;
    }

    public Task<WireReply> SendAsync(SefazService service, byte[] envelope, CancellationToken cancel)
    {
        _marks.Write($"{Marks.Wire} {service} {KeyIn(envelope)}");
        return _inner.SendAsync(service, envelope, cancel);
    }

    public void Dispose() => _inner.Dispose();

    private static string KeyIn(ReadOnlySpan<byte> envelope)
    {
        foreach (string before in new[] { "Id=\"NFe", "<chNFe>" })
        {
            int at = envelope.IndexOf(Encoding.ASCII.GetBytes(before));
            if (at >= 0)
            {
                return Encoding.ASCII.GetString(envelope.Slice(at + before.Length, KeyLength));
            }
        }

        return string.Empty;
    }
}
