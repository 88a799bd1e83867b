using System;
using System.IO;
using System.Linq;

using NfceSync.Core.Stores;

using Xunit;

namespace NfceSync.Core.Tests.Stores;

public class EndpointsTests
{
    [Fact]
    public void Every_UF_has_an_https_address_for_every_service_in_both_environments()
    {
        var addresses =
            from uf in Uf.All
            from environment in Enum.GetValues<SefazEnvironment>()
            from service in Enum.GetValues<SefazService>()
            select Endpoints.BuiltIn.For(uf.Code, environment, service);
        Assert.Equal(27 * 2 * 6, addresses.Count());
        Assert.All(addresses, address => Assert.Equal("https", address.Scheme));
        Assert.All(addresses, address => Assert.EndsWith(".gov.br", address.Host, StringComparison.Ordinal));
    }

    [Fact]
    public void Production_and_tests_never_share_an_address()
    {
        foreach (Uf uf in Uf.All)
        {
            Assert.Empty(Hosts(uf, SefazEnvironment.Producao).Intersect(Hosts(uf, SefazEnvironment.Homologacao)));
        }

        static string[] Hosts(Uf uf, SefazEnvironment environment) => Enum.GetValues<SefazService>()
            .Select(service => Endpoints.BuiltIn.For(uf.Code, environment, service).Host).Distinct().ToArray();
    }

    [Fact]
    public void Eight_UFs_have_an_authoriser_of_their_own_and_SVRS_serves_the_rest()
    {
        string[] own = { "AM", "GO", "MG", "MS", "MT", "PR", "RS", "SP" };
        Assert.All(Uf.All, uf =>
            Assert.Equal(own.Contains(uf.Code) ? uf.Code : "SVRS", Endpoints.BuiltIn.AuthoriserOf(uf.Code)));
    }

    [Theory]
    [InlineData("sp", SefazEnvironment.Producao, SefazService.Autorizacao, "https://nfce.fazenda.sp.gov.br/ws/NFeAutorizacao4.asmx")]
    [InlineData("RS", SefazEnvironment.Producao, SefazService.RecepcaoEvento, "https://nfce.sefazrs.rs.gov.br/ws/recepcaoevento/recepcaoevento4.asmx")]
    [InlineData("CE", SefazEnvironment.Homologacao, SefazService.ConsultaProtocolo, "https://nfce-homologacao.svrs.rs.gov.br/ws/NfeConsulta/NfeConsulta4.asmx")]
    [InlineData("AM", SefazEnvironment.Homologacao, SefazService.ConsultaProtocolo, "https://homnfce.sefaz.am.gov.br/nfce-services/services/NfeConsulta4")]
    [InlineData("MT", SefazEnvironment.Producao, SefazService.Inutilizacao, "https://nfce.sefaz.mt.gov.br/nfcews/services/NfeInutilizacao4")]
    [InlineData("GO", SefazEnvironment.Producao, SefazService.StatusServico, "https://nfe.sefaz.go.gov.br/nfe/services/NFeStatusServico4")]
    [InlineData("MG", SefazEnvironment.Homologacao, SefazService.RetAutorizacao, "https://hnfce.fazenda.mg.gov.br/nfce/services/NFeRetAutorizacao4")]
    [InlineData("PR", SefazEnvironment.Producao, SefazService.RecepcaoEvento, "https://nfce.sefa.pr.gov.br/nfce/NFeRecepcaoEvento4")]
    public void An_address_is_the_authorisers(string uf, SefazEnvironment environment, SefazService service, string address) =>
        Assert.Equal(address, Endpoints.BuiltIn.For(uf, environment, service).AbsoluteUri);

    [Fact]
    public void A_base_address_replaces_scheme_host_and_port_and_keeps_the_path() => Assert.Equal(
        "https://localhost:8443/ws/NFeAutorizacao4.asmx",
        Endpoints.BuiltIn.For("SP", SefazEnvironment.Producao, SefazService.Autorizacao, new Uri("https://localhost:8443")).AbsoluteUri);

    [Fact]
    public void Every_UF_has_its_IBGE_code()
    {
        Assert.Equal(27, Uf.All.Select(uf => uf.CUf).Distinct().Count());
        Assert.Equal(35, Uf.Get("sp").CUf);
        Assert.Equal(TimeSpan.FromHours(-5), Uf.Get("AC").DefaultOffset);
        Assert.Equal(ErrorIds.NfceUfUnknown, Assert.Throws<NfceSyncException>(() => Uf.Get("XX")).ErrorId);
    }

    [Fact]
    public void A_services_action_is_its_namespace_and_method()
    {
        Assert.Equal("http://www.portalfiscal.inf.br/nfe/wsdl/NFeConsultaProtocolo4/nfeConsultaNF", SefazService.ConsultaProtocolo.Action());
        Assert.Equal(6, Enum.GetValues<SefazService>().Select(SefazServices.Action).Distinct().Count());
    }

    [Fact]
    public void The_users_file_replaces_single_rows()
    {
        using var file = new TemporaryFile("""
            # moved
            uf CE  CE
            CE  Producao  Autorizacao  https://nfce.example.ce.gov.br/a   # new
            sp  producao  autorizacao  https://nfce.example.sp.gov.br/b
            """);
        Endpoints endpoints = Endpoints.Load(file.Path);

        Assert.Equal("CE", endpoints.AuthoriserOf("CE"));
        Assert.Equal("https://nfce.example.ce.gov.br/a", Address("CE", SefazService.Autorizacao));
        Assert.Equal("https://nfce.example.sp.gov.br/b", Address("SP", SefazService.Autorizacao));
        Assert.Equal("https://nfce.fazenda.sp.gov.br/ws/NFeStatusServico4.asmx", Address("SP", SefazService.StatusServico));
        var missing = Assert.Throws<NfceSyncException>(() => Address("CE", SefazService.StatusServico));
        Assert.Equal(ErrorIds.NfceEndpointMissing, missing.ErrorId);

        string Address(string uf, SefazService service) => endpoints.For(uf, SefazEnvironment.Producao, service).AbsoluteUri;
    }

    [Fact]
    public void Without_the_users_file_the_built_in_table_holds() => Assert.Equal(
        Endpoints.BuiltIn.For("SP", SefazEnvironment.Producao, SefazService.Autorizacao),
        Endpoints.Load(Path.Combine(Path.GetTempPath(), Path.GetRandomFileName())).For("SP", SefazEnvironment.Producao, SefazService.Autorizacao));

    [Theory]
    [InlineData("uf XX SVRS")]
    [InlineData("uf CE")]
    [InlineData("SP Producao Autorizacao http://nfce.fazenda.sp.gov.br/")]
    [InlineData("SP Producao Autorizacao ws/NFeAutorizacao4.asmx")]
    [InlineData("SP 1 Autorizacao https://nfce.fazenda.sp.gov.br/")]
    [InlineData("SP Producao Autorisation https://nfce.fazenda.sp.gov.br/")]
    [InlineData("SVSR Producao Autorizacao https://nfce.svrs.rs.gov.br/")]
    public void A_line_without_meaning_is_named_with_its_number(string line)
    {
        using var file = new TemporaryFile("# first\n\n" + line);
        var error = Assert.Throws<NfceSyncException>(() => Endpoints.Load(file.Path));
        Assert.Equal(ErrorIds.NfceOverrideFileInvalid, error.ErrorId);
        Assert.Equal(file.Path, error.Target);
        Assert.Contains("3", error.Message, StringComparison.Ordinal);
        Assert.Contains(line, error.Message, StringComparison.Ordinal);
    }
}
