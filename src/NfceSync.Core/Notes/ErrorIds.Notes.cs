namespace NfceSync.Core;

public static partial class ErrorIds
{
    /// <summary>A value is not an access key: 44 characters, structure, check digit.</summary>
    public const string NfceAccessKeyInvalid = nameof(NfceAccessKeyInvalid);
}
