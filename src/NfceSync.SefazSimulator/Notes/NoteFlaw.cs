namespace NfceSync.SefazSimulator;

/// <summary>What is wrong with a note that shall be refused.</summary>
public enum NoteFlaw
{
    /// <summary>A product's name was edited after signing: 297.</summary>
    ContentEdited,

    /// <summary>The signature value belongs to something else, the digest is right: 297.</summary>
    SignatureBroken,

    /// <summary>Properly signed, but the key's check digit is wrong: 253.</summary>
    WrongCheckDigit,

    /// <summary>Properly signed, but <c>Id</c> does not match the fields: 502.</summary>
    IdDiffersFromFields,

    /// <summary>Properly signed contingency note without <c>dhCont</c> and <c>xJust</c>: 557.</summary>
    ContingencyReasonMissing,

    /// <summary>Signed with SHA-256, which the schema forbids: 298.</summary>
    OtherAlgorithm,
}
