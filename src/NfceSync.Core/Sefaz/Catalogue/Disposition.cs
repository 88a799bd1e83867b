namespace NfceSync.Core.Sefaz;

/// <summary>
/// What a <c>cStat</c> means for the note and for the run: the design's table "what happened, the note is then".
/// Where a member says that the note "is Pending", that holds for the answer to a transmission. When a question (receipt,
/// consult, status) gets such an answer, nothing was said about the note, and it stays what it was: an Uncertain note
/// stays Uncertain.
/// </summary>
public enum Disposition
{
    /// <summary>
    /// Nothing is decided. A transmitted note is Uncertain and is consulted by key before anything else; after a
    /// question it stays what it was; after a status question the service's state is not known.
    /// </summary>
    Uncertain,

    /// <summary>Taken in, not yet processed (103, 105): Uncertain, and asked for by <c>recibo</c> first, then by key.</summary>
    InProcess,

    /// <summary>The batch was processed (104): <c>protNFe/infProt/cStat</c> decides. Without it the note is Uncertain.</summary>
    BatchProcessed,

    /// <summary>Authorised (100, 120, 150), if <c>digVal</c> equals the note's own digest. Final.</summary>
    Authorized,

    /// <summary>Cancelled at SEFAZ (consult: 101, 151, 155). Final.</summary>
    Cancelled,

    /// <summary>Use denied (110, 301–303, 307). Final.</summary>
    Denied,

    /// <summary>Consult: SEFAZ has no such note (217). Pending again, with the same bytes.</summary>
    NotFound,

    /// <summary>SEFAZ holds another document under this number (539, 562; consult: 561, 613 too). Conflict.</summary>
    OtherDocument,

    /// <summary>Consult: SEFAZ no longer answers for a key that old (526). Conflict.</summary>
    TooOld,

    /// <summary>Consult: SEFAZ does not take the key for a valid one (236, 614–619). Conflict.</summary>
    KeyRefused,

    /// <summary>
    /// Content was rejected (any other code of 201 and above): Rejected. Nothing was stored, and it is never sent again by
    /// itself (Anexo IV §5: the issuer corrects under the same number and series).
    /// </summary>
    Content,

    /// <summary>
    /// The way to SEFAZ is not set up as it must be (environment, UF, address, transmitter's certificate). The note is
    /// Pending and its bytes may pass once that is put right; the store stops at once.
    /// </summary>
    Configuration,

    /// <summary>
    /// A setting of the issuing program that is already inside the note's bytes is wrong (signing certificate, QR-Code,
    /// CSC), so all notes of the store share it. The note is Pending and the store stops at once; nothing was stored, and
    /// the same bytes will hardly ever pass: the corrected file, with the same key, takes their place.
    /// </summary>
    ConfigurationInNote,

    /// <summary>Undue consumption (656): Pending, and everything in the block's scope stops at once (Anexo I §4.3).</summary>
    Misuse,

    /// <summary>A date of the note lies ahead of SEFAZ's clock (703, 558): Pending until time has passed.</summary>
    Clock,

    /// <summary>The service is paused (108, 109): Pending, and the run ends.</summary>
    ServicePaused,

    /// <summary>Status: the service is running (107).</summary>
    InService,

    /// <summary>
    /// SEFAZ could not learn whether the transmitter's or the signing certificate was revoked (286, 296): its own access to
    /// the list failed, and nothing is to be put right here. As with a pause: Pending, and the run ends.
    /// </summary>
    CertificateNotChecked,
}
