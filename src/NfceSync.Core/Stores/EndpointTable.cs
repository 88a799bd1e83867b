namespace NfceSync.Core.Stores;

/// <summary>The services of model 65, layout 4.00, in the format of the user's file: a line of it may be copied there and changed.</summary>
internal static class EndpointTable
{
    public const string Text = """
        # Which authoriser serves a UF. There is no SVC for NFC-e (rejection 783). CE went over to SVRS in June 2025.
        # uf   UF  authoriser
        uf     AC  SVRS
        uf     AL  SVRS
        uf     AP  SVRS
        uf     BA  SVRS
        uf     CE  SVRS
        uf     DF  SVRS
        uf     ES  SVRS
        uf     MA  SVRS
        uf     PA  SVRS
        uf     PB  SVRS
        uf     PE  SVRS
        uf     PI  SVRS
        uf     RJ  SVRS
        uf     RN  SVRS
        uf     RO  SVRS
        uf     RR  SVRS
        uf     SC  SVRS
        uf     SE  SVRS
        uf     TO  SVRS
        uf     AM  AM
        uf     GO  GO
        uf     MG  MG
        uf     MS  MS
        uf     MT  MT
        uf     PR  PR
        uf     RS  RS
        uf     SP  SP

        # authoriser  environment  service            address
        SVRS          Producao     Autorizacao        https://nfce.svrs.rs.gov.br/ws/NfeAutorizacao/NFeAutorizacao4.asmx
        SVRS          Producao     RetAutorizacao     https://nfce.svrs.rs.gov.br/ws/NfeRetAutorizacao/NFeRetAutorizacao4.asmx
        SVRS          Producao     ConsultaProtocolo  https://nfce.svrs.rs.gov.br/ws/NfeConsulta/NfeConsulta4.asmx
        SVRS          Producao     StatusServico      https://nfce.svrs.rs.gov.br/ws/NfeStatusServico/NfeStatusServico4.asmx
        SVRS          Producao     Inutilizacao       https://nfce.svrs.rs.gov.br/ws/nfeinutilizacao/nfeinutilizacao4.asmx
        SVRS          Producao     RecepcaoEvento     https://nfce.svrs.rs.gov.br/ws/recepcaoevento/recepcaoevento4.asmx
        SVRS          Homologacao  Autorizacao        https://nfce-homologacao.svrs.rs.gov.br/ws/NfeAutorizacao/NFeAutorizacao4.asmx
        SVRS          Homologacao  RetAutorizacao     https://nfce-homologacao.svrs.rs.gov.br/ws/NfeRetAutorizacao/NFeRetAutorizacao4.asmx
        SVRS          Homologacao  ConsultaProtocolo  https://nfce-homologacao.svrs.rs.gov.br/ws/NfeConsulta/NfeConsulta4.asmx
        SVRS          Homologacao  StatusServico      https://nfce-homologacao.svrs.rs.gov.br/ws/NfeStatusServico/NfeStatusServico4.asmx
        SVRS          Homologacao  Inutilizacao       https://nfce-homologacao.svrs.rs.gov.br/ws/nfeinutilizacao/nfeinutilizacao4.asmx
        SVRS          Homologacao  RecepcaoEvento     https://nfce-homologacao.svrs.rs.gov.br/ws/recepcaoevento/recepcaoevento4.asmx
        RS            Producao     Autorizacao        https://nfce.sefazrs.rs.gov.br/ws/NfeAutorizacao/NFeAutorizacao4.asmx
        RS            Producao     RetAutorizacao     https://nfce.sefazrs.rs.gov.br/ws/NfeRetAutorizacao/NFeRetAutorizacao4.asmx
        RS            Producao     ConsultaProtocolo  https://nfce.sefazrs.rs.gov.br/ws/NfeConsulta/NfeConsulta4.asmx
        RS            Producao     StatusServico      https://nfce.sefazrs.rs.gov.br/ws/NfeStatusServico/NfeStatusServico4.asmx
        RS            Producao     Inutilizacao       https://nfce.sefazrs.rs.gov.br/ws/nfeinutilizacao/nfeinutilizacao4.asmx
        RS            Producao     RecepcaoEvento     https://nfce.sefazrs.rs.gov.br/ws/recepcaoevento/recepcaoevento4.asmx
        RS            Homologacao  Autorizacao        https://nfce-homologacao.sefazrs.rs.gov.br/ws/NfeAutorizacao/NFeAutorizacao4.asmx
        RS            Homologacao  RetAutorizacao     https://nfce-homologacao.sefazrs.rs.gov.br/ws/NfeRetAutorizacao/NFeRetAutorizacao4.asmx
        RS            Homologacao  ConsultaProtocolo  https://nfce-homologacao.sefazrs.rs.gov.br/ws/NfeConsulta/NfeConsulta4.asmx
        RS            Homologacao  StatusServico      https://nfce-homologacao.sefazrs.rs.gov.br/ws/NfeStatusServico/NfeStatusServico4.asmx
        RS            Homologacao  Inutilizacao       https://nfce-homologacao.sefazrs.rs.gov.br/ws/nfeinutilizacao/nfeinutilizacao4.asmx
        RS            Homologacao  RecepcaoEvento     https://nfce-homologacao.sefazrs.rs.gov.br/ws/recepcaoevento/recepcaoevento4.asmx
        AM            Producao     Autorizacao        https://nfce.sefaz.am.gov.br/nfce-services/services/NfeAutorizacao4
        AM            Producao     RetAutorizacao     https://nfce.sefaz.am.gov.br/nfce-services/services/NfeRetAutorizacao4
        AM            Producao     ConsultaProtocolo  https://nfce.sefaz.am.gov.br/nfce-services/services/NfeConsulta4
        AM            Producao     StatusServico      https://nfce.sefaz.am.gov.br/nfce-services/services/NfeStatusServico4
        AM            Producao     Inutilizacao       https://nfce.sefaz.am.gov.br/nfce-services/services/NfeInutilizacao4
        AM            Producao     RecepcaoEvento     https://nfce.sefaz.am.gov.br/nfce-services/services/RecepcaoEvento4
        AM            Homologacao  Autorizacao        https://homnfce.sefaz.am.gov.br/nfce-services/services/NfeAutorizacao4
        AM            Homologacao  RetAutorizacao     https://homnfce.sefaz.am.gov.br/nfce-services/services/NfeRetAutorizacao4
        AM            Homologacao  ConsultaProtocolo  https://homnfce.sefaz.am.gov.br/nfce-services/services/NfeConsulta4
        AM            Homologacao  StatusServico      https://homnfce.sefaz.am.gov.br/nfce-services/services/NfeStatusServico4
        AM            Homologacao  Inutilizacao       https://homnfce.sefaz.am.gov.br/nfce-services/services/NfeInutilizacao4
        AM            Homologacao  RecepcaoEvento     https://homnfce.sefaz.am.gov.br/nfce-services/services/RecepcaoEvento4
        MT            Producao     Autorizacao        https://nfce.sefaz.mt.gov.br/nfcews/services/NfeAutorizacao4
        MT            Producao     RetAutorizacao     https://nfce.sefaz.mt.gov.br/nfcews/services/NfeRetAutorizacao4
        MT            Producao     ConsultaProtocolo  https://nfce.sefaz.mt.gov.br/nfcews/services/NfeConsulta4
        MT            Producao     StatusServico      https://nfce.sefaz.mt.gov.br/nfcews/services/NfeStatusServico4
        MT            Producao     Inutilizacao       https://nfce.sefaz.mt.gov.br/nfcews/services/NfeInutilizacao4
        MT            Producao     RecepcaoEvento     https://nfce.sefaz.mt.gov.br/nfcews/services/RecepcaoEvento4
        MT            Homologacao  Autorizacao        https://homologacao.sefaz.mt.gov.br/nfcews/services/NfeAutorizacao4
        MT            Homologacao  RetAutorizacao     https://homologacao.sefaz.mt.gov.br/nfcews/services/NfeRetAutorizacao4
        MT            Homologacao  ConsultaProtocolo  https://homologacao.sefaz.mt.gov.br/nfcews/services/NfeConsulta4
        MT            Homologacao  StatusServico      https://homologacao.sefaz.mt.gov.br/nfcews/services/NfeStatusServico4
        MT            Homologacao  Inutilizacao       https://homologacao.sefaz.mt.gov.br/nfcews/services/NfeInutilizacao4
        MT            Homologacao  RecepcaoEvento     https://homologacao.sefaz.mt.gov.br/nfcews/services/RecepcaoEvento4
        GO            Producao     Autorizacao        https://nfe.sefaz.go.gov.br/nfe/services/NFeAutorizacao4
        GO            Producao     RetAutorizacao     https://nfe.sefaz.go.gov.br/nfe/services/NFeRetAutorizacao4
        GO            Producao     ConsultaProtocolo  https://nfe.sefaz.go.gov.br/nfe/services/NFeConsultaProtocolo4
        GO            Producao     StatusServico      https://nfe.sefaz.go.gov.br/nfe/services/NFeStatusServico4
        GO            Producao     Inutilizacao       https://nfe.sefaz.go.gov.br/nfe/services/NFeInutilizacao4
        GO            Producao     RecepcaoEvento     https://nfe.sefaz.go.gov.br/nfe/services/NFeRecepcaoEvento4
        GO            Homologacao  Autorizacao        https://homolog.sefaz.go.gov.br/nfe/services/NFeAutorizacao4
        GO            Homologacao  RetAutorizacao     https://homolog.sefaz.go.gov.br/nfe/services/NFeRetAutorizacao4
        GO            Homologacao  ConsultaProtocolo  https://homolog.sefaz.go.gov.br/nfe/services/NFeConsultaProtocolo4
        GO            Homologacao  StatusServico      https://homolog.sefaz.go.gov.br/nfe/services/NFeStatusServico4
        GO            Homologacao  Inutilizacao       https://homolog.sefaz.go.gov.br/nfe/services/NFeInutilizacao4
        GO            Homologacao  RecepcaoEvento     https://homolog.sefaz.go.gov.br/nfe/services/NFeRecepcaoEvento4
        MG            Producao     Autorizacao        https://nfce.fazenda.mg.gov.br/nfce/services/NFeAutorizacao4
        MG            Producao     RetAutorizacao     https://nfce.fazenda.mg.gov.br/nfce/services/NFeRetAutorizacao4
        MG            Producao     ConsultaProtocolo  https://nfce.fazenda.mg.gov.br/nfce/services/NFeConsultaProtocolo4
        MG            Producao     StatusServico      https://nfce.fazenda.mg.gov.br/nfce/services/NFeStatusServico4
        MG            Producao     Inutilizacao       https://nfce.fazenda.mg.gov.br/nfce/services/NFeInutilizacao4
        MG            Producao     RecepcaoEvento     https://nfce.fazenda.mg.gov.br/nfce/services/NFeRecepcaoEvento4
        MG            Homologacao  Autorizacao        https://hnfce.fazenda.mg.gov.br/nfce/services/NFeAutorizacao4
        MG            Homologacao  RetAutorizacao     https://hnfce.fazenda.mg.gov.br/nfce/services/NFeRetAutorizacao4
        MG            Homologacao  ConsultaProtocolo  https://hnfce.fazenda.mg.gov.br/nfce/services/NFeConsultaProtocolo4
        MG            Homologacao  StatusServico      https://hnfce.fazenda.mg.gov.br/nfce/services/NFeStatusServico4
        MG            Homologacao  Inutilizacao       https://hnfce.fazenda.mg.gov.br/nfce/services/NFeInutilizacao4
        MG            Homologacao  RecepcaoEvento     https://hnfce.fazenda.mg.gov.br/nfce/services/NFeRecepcaoEvento4
        MS            Producao     Autorizacao        https://nfce.sefaz.ms.gov.br/ws/NFeAutorizacao4
        MS            Producao     RetAutorizacao     https://nfce.sefaz.ms.gov.br/ws/NFeRetAutorizacao4
        MS            Producao     ConsultaProtocolo  https://nfce.sefaz.ms.gov.br/ws/NFeConsultaProtocolo4
        MS            Producao     StatusServico      https://nfce.sefaz.ms.gov.br/ws/NFeStatusServico4
        MS            Producao     Inutilizacao       https://nfce.sefaz.ms.gov.br/ws/NFeInutilizacao4
        MS            Producao     RecepcaoEvento     https://nfce.sefaz.ms.gov.br/ws/NFeRecepcaoEvento4
        MS            Homologacao  Autorizacao        https://hom.nfce.sefaz.ms.gov.br/ws/NFeAutorizacao4
        MS            Homologacao  RetAutorizacao     https://hom.nfce.sefaz.ms.gov.br/ws/NFeRetAutorizacao4
        MS            Homologacao  ConsultaProtocolo  https://hom.nfce.sefaz.ms.gov.br/ws/NFeConsultaProtocolo4
        MS            Homologacao  StatusServico      https://hom.nfce.sefaz.ms.gov.br/ws/NFeStatusServico4
        MS            Homologacao  Inutilizacao       https://hom.nfce.sefaz.ms.gov.br/ws/NFeInutilizacao4
        MS            Homologacao  RecepcaoEvento     https://hom.nfce.sefaz.ms.gov.br/ws/NFeRecepcaoEvento4
        PR            Producao     Autorizacao        https://nfce.sefa.pr.gov.br/nfce/NFeAutorizacao4
        PR            Producao     RetAutorizacao     https://nfce.sefa.pr.gov.br/nfce/NFeRetAutorizacao4
        PR            Producao     ConsultaProtocolo  https://nfce.sefa.pr.gov.br/nfce/NFeConsultaProtocolo4
        PR            Producao     StatusServico      https://nfce.sefa.pr.gov.br/nfce/NFeStatusServico4
        PR            Producao     Inutilizacao       https://nfce.sefa.pr.gov.br/nfce/NFeInutilizacao4
        PR            Producao     RecepcaoEvento     https://nfce.sefa.pr.gov.br/nfce/NFeRecepcaoEvento4
        PR            Homologacao  Autorizacao        https://homologacao.nfce.sefa.pr.gov.br/nfce/NFeAutorizacao4
        PR            Homologacao  RetAutorizacao     https://homologacao.nfce.sefa.pr.gov.br/nfce/NFeRetAutorizacao4
        PR            Homologacao  ConsultaProtocolo  https://homologacao.nfce.sefa.pr.gov.br/nfce/NFeConsultaProtocolo4
        PR            Homologacao  StatusServico      https://homologacao.nfce.sefa.pr.gov.br/nfce/NFeStatusServico4
        PR            Homologacao  Inutilizacao       https://homologacao.nfce.sefa.pr.gov.br/nfce/NFeInutilizacao4
        PR            Homologacao  RecepcaoEvento     https://homologacao.nfce.sefa.pr.gov.br/nfce/NFeRecepcaoEvento4
        SP            Producao     Autorizacao        https://nfce.fazenda.sp.gov.br/ws/NFeAutorizacao4.asmx
        SP            Producao     RetAutorizacao     https://nfce.fazenda.sp.gov.br/ws/NFeRetAutorizacao4.asmx
        SP            Producao     ConsultaProtocolo  https://nfce.fazenda.sp.gov.br/ws/NFeConsultaProtocolo4.asmx
        SP            Producao     StatusServico      https://nfce.fazenda.sp.gov.br/ws/NFeStatusServico4.asmx
        SP            Producao     Inutilizacao       https://nfce.fazenda.sp.gov.br/ws/NFeInutilizacao4.asmx
        SP            Producao     RecepcaoEvento     https://nfce.fazenda.sp.gov.br/ws/NFeRecepcaoEvento4.asmx
        SP            Homologacao  Autorizacao        https://homologacao.nfce.fazenda.sp.gov.br/ws/NFeAutorizacao4.asmx
        SP            Homologacao  RetAutorizacao     https://homologacao.nfce.fazenda.sp.gov.br/ws/NFeRetAutorizacao4.asmx
        SP            Homologacao  ConsultaProtocolo  https://homologacao.nfce.fazenda.sp.gov.br/ws/NFeConsultaProtocolo4.asmx
        SP            Homologacao  StatusServico      https://homologacao.nfce.fazenda.sp.gov.br/ws/NFeStatusServico4.asmx
        SP            Homologacao  Inutilizacao       https://homologacao.nfce.fazenda.sp.gov.br/ws/NFeInutilizacao4.asmx
        SP            Homologacao  RecepcaoEvento     https://homologacao.nfce.fazenda.sp.gov.br/ws/NFeRecepcaoEvento4.asmx
        """;
}
