namespace NfceSync.SefazSimulator;

/// <summary>Who calls: the holder of the TLS certificate, and the code of the first rule of group A it breaks (0 if none).</summary>
internal sealed record Transmitter(string? Id, int CStat = 0)
{
    public string Name => Id ?? "?";
}
