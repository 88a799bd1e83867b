namespace NfceSync.Core.Sefaz;

/// <summary>
/// Which answer a <c>cStat</c> was read from. The same code says different things in different answers: 204 refuses a
/// transmission, 217 answers a consult, and what a question's own code says is never a verdict on a note.
/// </summary>
public enum SefazAnswer
{
    /// <summary>
    /// What decides on a transmitted note: <c>retEnviNFe/cStat</c>, and <c>protNFe/infProt/cStat</c> in a
    /// <c>retEnviNFe</c> or <c>retConsReciNFe</c> (NFeAutorizacao4, NFeRetAutorizacao4).
    /// </summary>
    Transmission,

    /// <summary><c>retConsReciNFe/cStat</c>: the question by <c>recibo</c> itself (NFeRetAutorizacao4).</summary>
    Receipt,

    /// <summary><c>retConsSitNFe/cStat</c>: the consult by access key (NFeConsultaProtocolo4).</summary>
    Consult,

    /// <summary><c>retConsStatServ/cStat</c>: the state of the service (NFeStatusServico4).</summary>
    Status,
}
