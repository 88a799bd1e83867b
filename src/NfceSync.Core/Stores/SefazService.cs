using System;

namespace NfceSync.Core.Stores;

/// <summary>A web service of SEFAZ for NFC-e, layout 4.00.</summary>
public enum SefazService
{
    /// <summary>Transmission of one note: <c>enviNFe</c>.</summary>
    Autorizacao,

    /// <summary>Result by <c>nRec</c>: <c>consReciNFe</c>.</summary>
    RetAutorizacao,

    /// <summary>Consultation by access key: <c>consSitNFe</c>.</summary>
    ConsultaProtocolo,

    /// <summary>Whether the service runs: <c>consStatServ</c>.</summary>
    StatusServico,

    /// <summary>Voiding of numbers: <c>inutNFe</c>.</summary>
    Inutilizacao,

    /// <summary>Events: <c>envEvento</c>.</summary>
    RecepcaoEvento,
}

/// <summary>How each service is named in its WSDL; the names are the same at every authoriser (MOC does not define them).</summary>
public static class SefazServices
{
    private const string WsdlRoot = "http://www.portalfiscal.inf.br/nfe/wsdl/";

    /// <summary>The namespace of <c>nfeDadosMsg</c>.</summary>
    /// <param name="service">The service.</param>
    /// <returns>E.g. <c>http://www.portalfiscal.inf.br/nfe/wsdl/NFeAutorizacao4</c>.</returns>
    public static string WsdlNamespace(this SefazService service) => WsdlRoot + service.WsdlName();

    /// <summary>The service's name in its WSDL.</summary>
    /// <param name="service">The service.</param>
    /// <returns>E.g. <c>NFeAutorizacao4</c>.</returns>
    public static string WsdlName(this SefazService service) => "NFe" + service switch
    {
        SefazService.Autorizacao => "Autorizacao4",
        SefazService.RetAutorizacao => "RetAutorizacao4",
        SefazService.ConsultaProtocolo => "ConsultaProtocolo4",
        SefazService.StatusServico => "StatusServico4",
        SefazService.Inutilizacao => "Inutilizacao4",
        SefazService.RecepcaoEvento => "RecepcaoEvento4",
        _ => throw new ArgumentOutOfRangeException(nameof(service)),
    };

    /// <summary>The operation.</summary>
    /// <param name="service">The service.</param>
    /// <returns>E.g. <c>nfeAutorizacaoLote</c>.</returns>
    public static string Method(this SefazService service) => service switch
    {
        SefazService.Autorizacao => "nfeAutorizacaoLote",
        SefazService.RetAutorizacao => "nfeRetAutorizacaoLote",
        SefazService.ConsultaProtocolo => "nfeConsultaNF",
        SefazService.StatusServico => "nfeStatusServicoNF",
        SefazService.Inutilizacao => "nfeInutilizacaoNF",
        SefazService.RecepcaoEvento => "nfeRecepcaoEvento",
        _ => throw new ArgumentOutOfRangeException(nameof(service)),
    };

    /// <summary>The action of the content type: <c>{namespace}/{method}</c>.</summary>
    /// <param name="service">The service.</param>
    /// <returns>The action.</returns>
    public static string Action(this SefazService service) => service.WsdlNamespace() + "/" + service.Method();
}
