namespace NfceSync.SefazSimulator;

internal static class Namespaces
{
    public const string Nfe = "http://www.portalfiscal.inf.br/nfe";
    public const string Dsig = "http://www.w3.org/2000/09/xmldsig#";
    public const string Soap = "http://www.w3.org/2003/05/soap-envelope";
    public const string Wsdl = "http://www.portalfiscal.inf.br/nfe/wsdl/";
    public const string C14N = "http://www.w3.org/TR/2001/REC-xml-c14n-20010315";
    public const string Enveloped = "http://www.w3.org/2000/09/xmldsig#enveloped-signature";
    public const string RsaSha1 = "http://www.w3.org/2000/09/xmldsig#rsa-sha1";
    public const string Sha1 = "http://www.w3.org/2000/09/xmldsig#sha1";
}
