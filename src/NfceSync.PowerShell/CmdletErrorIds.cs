namespace NfceSync.PowerShell;

/// <summary>The stable ids of the errors that only a cmdlet can raise; each has a text of the same name in both languages.</summary>
internal static class CmdletErrorIds
{
    /// <summary>A question could not be asked: the session is not interactive.</summary>
    public const string NfceConfirmationRequired = nameof(NfceConfirmationRequired);
}
