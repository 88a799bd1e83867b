namespace NfceSync.Core.Notes;

/// <summary>The namespaces of an NF-e and of its signature.</summary>
internal static class NoteXml
{
    public const string NfeNamespace = "http://www.portalfiscal.inf.br/nfe";
    public const string DsigNamespace = "http://www.w3.org/2000/09/xmldsig#";
}
