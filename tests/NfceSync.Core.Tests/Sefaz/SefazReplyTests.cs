using System.Text;

using NfceSync.Core.Sefaz;
using NfceSync.Core.Stores;

using Xunit;

namespace NfceSync.Core.Tests.Sefaz;

/// <summary>What of an HTTP body counts as SEFAZ's word.</summary>
public class SefazReplyTests
{
    private static readonly Encoding Latin1 = Encoding.GetEncoding("ISO-8859-1");

    [Theory]
    [InlineData("")]
    [InlineData("<?xml version=\"1.0\"?>")]
    [InlineData("<?xml version=\"1.0\" encoding=\"UTF-8\"?>")]
    [InlineData("<?xml version=\"1.0\" encoding=\"utf-8\" standalone=\"yes\"?>")]
    public void An_answer_in_utf8_is_read_and_its_protocol_kept_byte_for_byte(string declaration)
    {
        SefazReply reply = Read(Encoding.UTF8.GetBytes(declaration + Authorised))!;

        Assert.Equal("Autorização", reply.Protocol!.XMotivo);
        Assert.Equal(Protocol, Encoding.UTF8.GetString(reply.Protocol.Bytes.ToArray()));
    }

    // The protocol's bytes go into an nfeProc that is UTF-8: in another encoding nobody could read it.
    [Fact]
    public void An_answer_in_another_encoding_is_none()
    {
        Assert.Null(Read(Latin1.GetBytes("<?xml version=\"1.0\" encoding=\"ISO-8859-1\"?>" + Authorised)));
        Assert.Null(Read(Encoding.ASCII.GetBytes("<?xml version=\"1.0\" encoding=\"ISO-8859-1\"?>" + Reply("retEnviNFe", 103, ""))));
        Assert.Null(Read(Encoding.Unicode.GetBytes("<?xml version=\"1.0\" encoding=\"UTF-16\"?>" + Authorised)));
    }

    [Fact]
    public void Bytes_that_are_not_utf8_are_no_answer_whatever_they_declare()
    {
        Assert.Null(Read(Latin1.GetBytes(Authorised)));
        Assert.Null(Read(Latin1.GetBytes("<?xml version=\"1.0\" encoding=\"UTF-8\"?>" + Authorised)));
    }

    [Theory]
    [InlineData("431000000000001", "431000000000001")]
    [InlineData("\n 431000000000001 ", "431000000000001")]
    [InlineData("43100000000001", null)]
    [InlineData("4310000000000012", null)]
    [InlineData("43100000000000A", null)]
    [InlineData("43100000000000\u0661", null)]
    [InlineData("1&lt;/nRec&gt;&lt;nRec&gt;1", null)]
    [InlineData("", null)]
    public void A_receipt_is_fifteen_digits_or_none(string nRec, string? read)
    {
        string inBatch = $"<infRec><nRec>{nRec}</nRec><tMed>1</tMed></infRec>";

        Assert.Equal(read, Read(Encoding.UTF8.GetBytes(Reply("retEnviNFe", 103, inBatch)))!.NRec);
        Assert.Equal(read, Read(Encoding.UTF8.GetBytes(Reply("retEnviNFe", 105, $"<nRec>{nRec}</nRec>")))!.NRec);
    }

    private const string Protocol =
        "<protNFe versao=\"4.00\"><infProt><tpAmb>2</tpAmb><chNFe>1</chNFe><digVal>a</digVal><cStat>100</cStat><xMotivo>Autorização</xMotivo></infProt></protNFe>";

    private static readonly string Authorised = Reply("retEnviNFe", 104, Protocol);

    private static string Reply(string root, int cStat, string rest) =>
        $"<{root} xmlns=\"http://www.portalfiscal.inf.br/nfe\" versao=\"4.00\"><tpAmb>2</tpAmb><cStat>{cStat}</cStat><xMotivo>x</xMotivo>{rest}</{root}>";

    private static SefazReply? Read(byte[] body) => SefazReply.Read(SefazService.Autorizacao, SefazEnvironment.Homologacao, body);
}
