namespace NfceSync.Core;

/// <summary>
/// Every stable id of an error or of a reason why a document was put aside. Each has a text of the same name in both
/// languages and an entry in about_NfceSync_Errors. The parts of this class lie beside the code that raises them.
/// </summary>
public static partial class ErrorIds
{
}
