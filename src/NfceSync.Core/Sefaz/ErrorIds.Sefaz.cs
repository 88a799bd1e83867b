namespace NfceSync.Core;

public static partial class ErrorIds
{
    /// <summary>SEFAZ could not be reached: nothing was sent.</summary>
    public const string NfceSefazUnreachable = nameof(NfceSefazUnreachable);

    /// <summary>Bytes were sent and no answer came.</summary>
    public const string NfceSefazNoAnswer = nameof(NfceSefazNoAnswer);

    /// <summary>SEFAZ's web server answered with an HTTP error.</summary>
    public const string NfceSefazHttpError = nameof(NfceSefazHttpError);

    /// <summary>What came back is larger than any answer of SEFAZ; it was not read to its end.</summary>
    public const string NfceSefazAnswerTooLarge = nameof(NfceSefazAnswerTooLarge);

    /// <summary>What came back is no valid answer of the service.</summary>
    public const string NfceSefazInvalidAnswer = nameof(NfceSefazInvalidAnswer);
}
