using System;
using System.Diagnostics;
using System.Text;
using System.Text.RegularExpressions;
using System.Threading;
using System.Threading.Tasks;

using NfceSync.Core.Stores;

namespace NfceSync.Core.Sefaz;

/// <summary>
/// Tells what goes over a transport and comes back, for who looks into the wire. Consumers stay unseen: of a note its key and
/// size are told, of an event its size, and what looks like a CPF is masked wherever it stands.
/// </summary>
internal sealed class WireLog(ISefazTransport transport, Func<SefazService, Uri> addressOf, Action<string> tell) : ISefazTransport
{
    // A page of HTML instead of an answer is known by its beginning.
    private const int MostShown = 4096;

    private const RegexOptions Options = RegexOptions.CultureInvariant | RegexOptions.Singleline;

    private static readonly Regex Document = new(@"<(NFe|procEventoNFe|retCancNFe)\b[^>]*>.*?</\1>", Options);
    private static readonly Regex Key = new("<infNFe[^>]* Id=\"NFe([0-9A-Z]{44})\"", Options);
    private static readonly Regex Person = new("<(CPF|xNome|xFant|email|fone)>[^<]*<", Options);
    private static readonly Regex Cpf = new(@"(?<![0-9A-Z])(\d{11}|\d{3}\.\d{3}\.\d{3}-\d{2})(?![0-9A-Z])", Options);

    /// <inheritdoc/>
    public async Task<WireReply> SendAsync(SefazService service, byte[] envelope, CancellationToken cancel)
    {
        string host = addressOf(service).Authority;
        tell(Texts.Get("WireRequest", host, service.WsdlName(), envelope.Length, Shown(envelope)));
        var watch = Stopwatch.StartNew();
        WireReply reply = await transport.SendAsync(service, envelope, cancel);
        tell(Texts.Get(
            "WireReply",
            host,
            service.WsdlName(),
            watch.ElapsedMilliseconds,
            Texts.Get("Outcome" + reply.Outcome),
            (object?)reply.HttpStatus ?? Texts.Get("NoHttpStatus"),
            reply.Body.Length,
            reply.Failure?.Message,
            Shown(reply.Body.ToArray())));
        return reply;
    }

    /// <inheritdoc/>
    public void Dispose() => transport.Dispose();

    private static string Shown(byte[] bytes)
    {
        string text = Document.Replace(Encoding.UTF8.GetString(bytes), document =>
            $"<{document.Groups[1].Value}>{(Key.Match(document.Value) is { Success: true } key ? key.Groups[1].Value + ", " : null)}{document.Length}</{document.Groups[1].Value}>");
        text = Cpf.Replace(Person.Replace(text, "<$1>***<"), "***");
        return text.Length <= MostShown ? text : text.Remove(MostShown) + " …";
    }
}
