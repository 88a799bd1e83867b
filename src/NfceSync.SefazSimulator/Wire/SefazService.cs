using System;

namespace NfceSync.SefazSimulator;

/// <summary>The services that are simulated.</summary>
public enum SefazService
{
    /// <summary>NFeAutorizacao4: enviNFe → retEnviNFe.</summary>
    Autorizacao,

    /// <summary>NFeRetAutorizacao4: consReciNFe → retConsReciNFe.</summary>
    RetAutorizacao,

    /// <summary>NFeConsultaProtocolo4: consSitNFe → retConsSitNFe.</summary>
    Consulta,

    /// <summary>NFeStatusServico4: consStatServ → retConsStatServ.</summary>
    Status,
}

/// <summary>Names of a service on the wire.</summary>
/// <param name="Service">Which.</param>
/// <param name="Name">Suffix of its namespace.</param>
/// <param name="Method">Operation named by the action.</param>
/// <param name="Request">Root element of what is asked.</param>
internal sealed record ServiceContract(SefazService Service, string Name, string Method, string Request)
{
    private static readonly ServiceContract[] All =
    [
        new(SefazService.Autorizacao, "NFeAutorizacao4", "nfeAutorizacaoLote", "enviNFe"),
        new(SefazService.RetAutorizacao, "NFeRetAutorizacao4", "nfeRetAutorizacaoLote", "consReciNFe"),
        new(SefazService.Consulta, "NFeConsultaProtocolo4", "nfeConsultaNF", "consSitNFe"),
        new(SefazService.Status, "NFeStatusServico4", "nfeStatusServicoNF", "consStatServ"),
    ];

    public string Namespace => Namespaces.Wsdl + Name;

    public static ServiceContract Of(SefazService service) => All[(int)service];

    /// <summary>Authorisers name their paths differently; the last segment tells, whatever its case and with or without .asmx.</summary>
    public static SefazService? ByPath(string path)
    {
        var segment = path.AsSpan(path.LastIndexOf('/') + 1);
        if (segment.EndsWith(".asmx", StringComparison.OrdinalIgnoreCase))
        {
            segment = segment[..^5];
        }

        return segment switch
        {
            _ when Is(segment, "NFeAutorizacao4") => SefazService.Autorizacao,
            _ when Is(segment, "NFeRetAutorizacao4") => SefazService.RetAutorizacao,
            _ when Is(segment, "NFeConsultaProtocolo4") || Is(segment, "NFeConsulta4") => SefazService.Consulta,
            _ when Is(segment, "NFeStatusServico4") => SefazService.Status,
            _ => null,
        };
    }

    private static bool Is(ReadOnlySpan<char> segment, string name) => segment.Equals(name, StringComparison.OrdinalIgnoreCase);
}
