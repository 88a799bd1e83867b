using System;
using System.Security.Cryptography.X509Certificates;

using NfceSync.Core.Stores;

using Xunit;

namespace NfceSync.Core.Tests.Stores;

public class CertificateInfoTests
{
    private const string CnpjOid = "2.16.76.1.3.3";
    private const string CpfOid = "2.16.76.1.3.1";
    private const string PersonOfCpf = "0101198052998224725000000000000000000000000000SSPSP";

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void The_CNPJ_is_read_from_the_alternative_names(bool octetString) => Assert.Equal(
        "12ABC34501DE35",
        Info(TestCertificates.OtherNames(octetString, (CpfOid, PersonOfCpf), (CnpjOid, "12ABC34501DE35"))).TaxId);

    [Fact]
    public void The_CPF_is_read_where_there_is_no_CNPJ() =>
        Assert.Equal("52998224725", Info(TestCertificates.OtherNames(true, (CpfOid, PersonOfCpf))).TaxId);

    [Fact]
    public void The_responsible_persons_CPF_is_not_the_owners() =>
        Assert.Null(Info(TestCertificates.OtherNames(true, ("2.16.76.1.3.4", PersonOfCpf))).TaxId);

    [Fact]
    public void The_common_name_is_never_believed() => Assert.Null(Info(null).TaxId);

    [Fact]
    public void An_extension_that_cannot_be_read_has_no_id() =>
        Assert.Null(Info(new X509Extension("2.5.29.17", new byte[] { 0x30, 0x05, 0xA0, 0x7F, 1, 2, 3 }, false)).TaxId);

    [Fact]
    public void A_certificate_of_the_same_base_gives_no_warning()
    {
        CertificateInfo headOffice = Info(TestCertificates.OtherNames(true, (CnpjOid, "11222333000181")));
        Assert.Null(headOffice.OtherIssuerWarning("11222333000262"));
        Assert.Equal(ErrorIds.NfceCertificateOtherIssuer, headOffice.OtherIssuerWarning("12ABC34501DE35"));
        Assert.Equal(ErrorIds.NfceCertificateOtherIssuer, Info(null).OtherIssuerWarning("11222333000181"));
    }

    [Fact]
    public void A_CPF_in_the_common_name_is_masked()
    {
        using X509Certificate2 person = TestCertificates.SelfSigned("CN=FULANO DE TAL:52998224725");
        Assert.Equal("FULANO DE TAL:***", CertificateInfo.From(person).CommonName);
        Assert.Equal("LOJA DE TESTE:11222333000181", Info(null).CommonName);
    }

    [Fact]
    public void Days_left_are_whole_days()
    {
        CertificateInfo info = Info(null);
        Assert.Equal(30, info.DaysLeft(TestCertificates.Now));
        Assert.Equal(29, info.DaysLeft(TestCertificates.Now.AddMinutes(1)));
        Assert.Equal(0, info.DaysLeft(info.NotAfter.AddHours(-1)));
        Assert.Equal(-1, info.DaysLeft(info.NotAfter.AddHours(1)));
        Assert.Equal(TimeSpan.FromDays(31), info.NotAfter - info.NotBefore);
    }

    private static CertificateInfo Info(X509Extension? names)
    {
        using X509Certificate2 certificate = TestCertificates.SelfSigned(extension: names);
        return CertificateInfo.From(certificate);
    }
}
