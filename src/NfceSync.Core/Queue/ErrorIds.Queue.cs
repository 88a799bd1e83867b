namespace NfceSync.Core;

public static partial class ErrorIds
{
    /// <summary>The queue's folder is on a network share.</summary>
    public const string NfceQueueOnNetworkShare = nameof(NfceQueueOnNetworkShare);

    /// <summary>The queue's folder is open to others.</summary>
    public const string NfceQueueHomeUnsafe = nameof(NfceQueueHomeUnsafe);

    /// <summary>The queue's database is damaged.</summary>
    public const string NfceQueueDamaged = nameof(NfceQueueDamaged);

    /// <summary>The queue was written by a newer version of the module.</summary>
    public const string NfceQueueNewer = nameof(NfceQueueNewer);

    /// <summary>Another process held the queue for too long.</summary>
    public const string NfceQueueLocked = nameof(NfceQueueLocked);

    /// <summary>The disk of the queue is full.</summary>
    public const string NfceQueueDiskFull = nameof(NfceQueueDiskFull);

    /// <summary>The queue cannot be opened or written.</summary>
    public const string NfceQueueUnavailable = nameof(NfceQueueUnavailable);

    /// <summary>Another run is at work for this CNPJ and environment.</summary>
    public const string NfceSyncAlreadyRunning = nameof(NfceSyncAlreadyRunning);

    /// <summary>This run lost its lease to another one and may not write any more.</summary>
    public const string NfceLeaseLost = nameof(NfceLeaseLost);

    /// <summary>No store has that name.</summary>
    public const string NfceStoreNotFound = nameof(NfceStoreNotFound);

    /// <summary>A pattern was given where the exact name of one store is needed.</summary>
    public const string NfceStoreNameIsPattern = nameof(NfceStoreNameIsPattern);

    /// <summary>A pattern of names cannot be understood.</summary>
    public const string NfceNamePatternInvalid = nameof(NfceNamePatternInvalid);

    /// <summary>No store is registered at all.</summary>
    public const string NfceNoStores = nameof(NfceNoStores);

    /// <summary>A store of that name exists.</summary>
    public const string NfceStoreNameTaken = nameof(NfceStoreNameTaken);

    /// <summary>The CNPJ and environment are registered under another name.</summary>
    public const string NfceStoreAlreadyRegistered = nameof(NfceStoreAlreadyRegistered);

    /// <summary>The store has pending notes.</summary>
    public const string NfceStoreHasPending = nameof(NfceStoreHasPending);

    /// <summary>No item of the queue has that key or id.</summary>
    public const string NfceItemNotFound = nameof(NfceItemNotFound);

    /// <summary>The item's state does not allow an exception.</summary>
    public const string NfceExceptionNotAllowed = nameof(NfceExceptionNotAllowed);

    /// <summary>The queue is whole: there is nothing to repair.</summary>
    public const string NfceQueueNotDamaged = nameof(NfceQueueNotDamaged);

    /// <summary>The queue was rebuilt after damage: what was issued before is asked for before it is sent.</summary>
    public const string NfceQueueWasRebuilt = nameof(NfceQueueWasRebuilt);

    /// <summary>The damaged queue is open in another program and cannot be repaired.</summary>
    public const string NfceQueueInUse = nameof(NfceQueueInUse);

    /// <summary>A repair of the queue was stopped before its end.</summary>
    public const string NfceQueueRepairUnfinished = nameof(NfceQueueRepairUnfinished);

    /// <summary>Part of the damaged queue could not be read.</summary>
    public const string NfceQueuePartLost = nameof(NfceQueuePartLost);

    /// <summary>A note of the damaged queue of which the bytes could not be read and no file was found.</summary>
    public const string NfceNoteBytesLost = nameof(NfceNoteBytesLost);

    /// <summary>A store could not be read whole from the damaged queue and has to be registered again.</summary>
    public const string NfceStoreLost = nameof(NfceStoreLost);
}
