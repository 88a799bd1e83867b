namespace NfceSync.Core;

public static partial class ErrorIds
{
    /// <summary>A value is not an access key: 44 characters, structure, check digit.</summary>
    public const string NfceAccessKeyInvalid = nameof(NfceAccessKeyInvalid);

    /// <summary>The file has no byte.</summary>
    public const string NfceFileEmpty = nameof(NfceFileEmpty);

    /// <summary>The file holds nothing but blanks or zeros.</summary>
    public const string NfceFileBlank = nameof(NfceFileBlank);

    /// <summary>The file is not well-formed XML.</summary>
    public const string NfceFileNotXml = nameof(NfceFileNotXml);

    /// <summary>The file ends before its document does.</summary>
    public const string NfceFileTruncated = nameof(NfceFileTruncated);

    /// <summary>The file is not in UTF-8 (cStat 402).</summary>
    public const string NfceFileNotUtf8 = nameof(NfceFileNotUtf8);

    /// <summary>The file is larger than any that is read.</summary>
    public const string NfceFileTooLarge = nameof(NfceFileTooLarge);

    /// <summary>The file has a document type declaration.</summary>
    public const string NfceFileHasDtd = nameof(NfceFileHasDtd);

    /// <summary>The file's elements are nested too deeply.</summary>
    public const string NfceFileTooDeep = nameof(NfceFileTooDeep);

    /// <summary>A container of notes without a note.</summary>
    public const string NfceFileNoNote = nameof(NfceFileNoNote);

    /// <summary>Ignored: not a note and not named as one.</summary>
    public const string NfceFileOtherType = nameof(NfceFileOtherType);

    /// <summary>Ignored: another XML document.</summary>
    public const string NfceFileOtherDocument = nameof(NfceFileOtherDocument);

    /// <summary>Ignored: model 55.</summary>
    public const string NfceNoteModel55 = nameof(NfceNoteModel55);

    /// <summary>Ignored: not offline contingency, and already answered by SEFAZ.</summary>
    public const string NfceNoteHasProtocol = nameof(NfceNoteHasProtocol);

    /// <summary>An <c>NFe</c> outside the NF-e namespace (cStat 587).</summary>
    public const string NfceNoteNamespace = nameof(NfceNoteNamespace);

    /// <summary>Elements with a namespace prefix (cStat 404).</summary>
    public const string NfceNotePrefix = nameof(NfceNotePrefix);

    /// <summary>The note depends on what is around it in the file.</summary>
    public const string NfceNoteNotStandalone = nameof(NfceNoteNotStandalone);

    /// <summary>An element of the note is doubled or out of place.</summary>
    public const string NfceNoteStructure = nameof(NfceNoteStructure);

    /// <summary>A required field is missing.</summary>
    public const string NfceNoteFieldMissing = nameof(NfceNoteFieldMissing);

    /// <summary>A required field cannot be read.</summary>
    public const string NfceNoteFieldInvalid = nameof(NfceNoteFieldInvalid);

    /// <summary>The access key in <c>Id</c> has not the structure of a key.</summary>
    public const string NfceNoteKeyMalformed = nameof(NfceNoteKeyMalformed);

    /// <summary>The check digit of the access key is wrong.</summary>
    public const string NfceNoteKeyCheckDigit = nameof(NfceNoteKeyCheckDigit);

    /// <summary>The access key and the note's fields differ (rule A03-10, cStat 502).</summary>
    public const string NfceNoteKeyMismatch = nameof(NfceNoteKeyMismatch);

    /// <summary>Another kind of contingency, without SEFAZ's answer.</summary>
    public const string NfceNoteEmissionType = nameof(NfceNoteEmissionType);

    /// <summary><c>dhCont</c> or <c>xJust</c> is missing (rule B28-20, cStat 557).</summary>
    public const string NfceNoteContingencyData = nameof(NfceNoteContingencyData);

    /// <summary>The note is larger than SEFAZ takes (rule B01, cStat 214).</summary>
    public const string NfceNoteTooLarge = nameof(NfceNoteTooLarge);

    /// <summary>The content is not the one that was signed (cStat 297).</summary>
    public const string NfceNoteDigestMismatch = nameof(NfceNoteDigestMismatch);

    /// <summary>The note is not signed.</summary>
    public const string NfceSignatureMissing = nameof(NfceSignatureMissing);

    /// <summary>The signature has not the one form that is allowed (rule F01, cStat 298).</summary>
    public const string NfceSignatureForm = nameof(NfceSignatureForm);

    /// <summary>The signature value is not that of the certificate (rule F02, cStat 297).</summary>
    public const string NfceSignatureInvalid = nameof(NfceSignatureInvalid);

    /// <summary>The certificate in the signature cannot be read.</summary>
    public const string NfceSigningCertificateUnreadable = nameof(NfceSigningCertificateUnreadable);

    /// <summary>The certificate belongs to somebody else (rules F03, F03A, cStat 213, 227).</summary>
    public const string NfceSignerNotEmitter = nameof(NfceSignerNotEmitter);
}
