using System;

namespace NfceSync.SefazSimulator;

/// <summary>What goes out over HTTP, and what the transport has to do to it.</summary>
/// <param name="Call">The call's record; the transport notes whether it was delivered.</param>
/// <param name="Status">HTTP status.</param>
/// <param name="ContentType">Content type.</param>
/// <param name="Body">Body.</param>
/// <param name="Fault">The fault that struck, or null.</param>
internal sealed record SefazAnswer(CallRecord Call, int Status, string ContentType, byte[] Body, FaultRule? Fault)
{
    public const string Soap = "application/soap+xml; charset=utf-8";
    public const string Html = "text/html; charset=utf-8";

    /// <summary>How long it is held back.</summary>
    public TimeSpan Latency { get; init; }

    /// <summary>How many bytes of the body go out before the connection is cut; null for all.</summary>
    public int? PartOfReply => Fault?.Kind switch
    {
        FaultKind.CutAtQuarterOfReply => Body.Length / 4,
        FaultKind.CutAtHalfOfReply => Body.Length / 2,
        FaultKind.CutAtThreeQuartersOfReply => Body.Length * 3 / 4,
        _ => null,
    };
}
