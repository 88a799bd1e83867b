namespace NfceSync.SefazSimulator;

/// <summary>What became of a batch: an answer to the message as a whole, or a protocol for its one note.</summary>
internal sealed record Verdict(int CStat)
{
    public Protocol? Protocol { get; init; }

    public string? NRec { get; init; }

    public bool Registered { get; init; }

    public bool IsMessage => Protocol is null;
}
