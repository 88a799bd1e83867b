namespace NfceSync.Core;

public static partial class ErrorIds
{
    /// <summary>A run ended in the middle of the note's transmission; it is consulted before anything else.</summary>
    public const string NfceInterrupted = nameof(NfceInterrupted);

    /// <summary>The note is of another registered store, which takes it in.</summary>
    public const string NfceOtherStore = nameof(NfceOtherStore);

    /// <summary>The note's CNPJ or CPF is of no registered store.</summary>
    public const string NfceUnknownIssuer = nameof(NfceUnknownIssuer);

    /// <summary>The note is of the store's CNPJ, but of another environment than the registered one.</summary>
    public const string NfceOtherEnvironment = nameof(NfceOtherEnvironment);

    /// <summary>The note is of the store's CNPJ, but of another UF than the registered one.</summary>
    public const string NfceOtherUf = nameof(NfceOtherUf);

    /// <summary>Two documents have the same access key and different bytes.</summary>
    public const string NfceSameKeyOtherBytes = nameof(NfceSameKeyOtherBytes);

    /// <summary>The ERP's own nfeProc was found: SEFAZ is asked whether it is so.</summary>
    public const string NfceEvidenceFound = nameof(NfceEvidenceFound);

    /// <summary>The ERP's nfeProc carries a protocol about other bytes.</summary>
    public const string NfceEvidenceContradicts = nameof(NfceEvidenceContradicts);

    /// <summary>The ERP's nfeProc says authorised, SEFAZ knows no such note.</summary>
    public const string NfceEvidenceNotRegistered = nameof(NfceEvidenceNotRegistered);

    /// <summary>SEFAZ holds other bytes under this key.</summary>
    public const string NfceDigValDiffers = nameof(NfceDigValDiffers);

    /// <summary>SEFAZ's protocol has no digVal: it cannot be told to be about these bytes.</summary>
    public const string NfceDigValMissing = nameof(NfceDigValMissing);

    /// <summary>The protocol that came is another key's.</summary>
    public const string NfceOtherKeysProtocol = nameof(NfceOtherKeysProtocol);

    /// <summary>SEFAZ no longer answers for a key that old.</summary>
    public const string NfceTooOldToConsult = nameof(NfceTooOldToConsult);

    /// <summary>SEFAZ says "registered" to a transmission and "not found" to a consultation, again and again.</summary>
    public const string NfceRegisteredAndNotFound = nameof(NfceRegisteredAndNotFound);

    /// <summary>A source folder does not exist.</summary>
    public const string NfceSourceFolderMissing = nameof(NfceSourceFolderMissing);

    /// <summary>A source folder, or one below it, cannot be listed.</summary>
    public const string NfceSourceFolderUnreadable = nameof(NfceSourceFolderUnreadable);

    /// <summary>A file of a source folder cannot be read: locked or not allowed.</summary>
    public const string NfceFileUnreadable = nameof(NfceFileUnreadable);

    /// <summary>The archive folder cannot be written.</summary>
    public const string NfceArchiveNotWritable = nameof(NfceArchiveNotWritable);

    /// <summary>The archive has a file of that name with other bytes; it is never overwritten.</summary>
    public const string NfceArchiveFileDiffers = nameof(NfceArchiveFileDiffers);

    /// <summary>Authorised notes are not in the archive yet.</summary>
    public const string NfceArchiveIncomplete = nameof(NfceArchiveIncomplete);

    /// <summary>SEFAZ refused the same bytes alike several times: they are not sent again by themselves.</summary>
    public const string NfceRefusedRepeatedly = nameof(NfceRefusedRepeatedly);

    /// <summary>SEFAZ refused the same bytes alike so often that they are not sent again at all.</summary>
    public const string NfceRefusedTooOften = nameof(NfceRefusedTooOften);

    /// <summary>Notes remain after the run.</summary>
    public const string NfceNotesRemain = nameof(NfceNotesRemain);

    /// <summary>SEFAZ paused its service (108, 109).</summary>
    public const string NfceServicePaused = nameof(NfceServicePaused);

    /// <summary>SEFAZ's answer about its service says neither running nor paused.</summary>
    public const string NfceServiceStateUnknown = nameof(NfceServiceStateUnknown);

    /// <summary>A setting or certificate of the store is refused by SEFAZ; the store stopped.</summary>
    public const string NfceStoreMisconfigured = nameof(NfceStoreMisconfigured);

    /// <summary>SEFAZ could not learn whether a certificate was revoked (286, 296); the run ended.</summary>
    public const string NfceCertificateNotChecked = nameof(NfceCertificateNotChecked);

    /// <summary>SEFAZ blocked the calls (656, consumo indevido).</summary>
    public const string NfceConsumptionBlocked = nameof(NfceConsumptionBlocked);

    /// <summary>The machine's clock differs from SEFAZ's.</summary>
    public const string NfceClockWrong = nameof(NfceClockWrong);

    /// <summary>The run was stopped by the user.</summary>
    public const string NfceStopped = nameof(NfceStopped);

    /// <summary>The PFX file's password is not kept and nobody can be asked for it.</summary>
    public const string NfcePfxPasswordNeeded = nameof(NfcePfxPasswordNeeded);

    /// <summary>The verification itself failed: nothing is proven.</summary>
    public const string NfceVerificationFailed = nameof(NfceVerificationFailed);

    /// <summary>Rejected notes are sent again only where each is named.</summary>
    public const string NfceRejectedNotNamed = nameof(NfceRejectedNotNamed);
}
