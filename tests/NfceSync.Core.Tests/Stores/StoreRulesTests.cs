using System;
using System.IO;

using NfceSync.Core.Stores;

using Xunit;

namespace NfceSync.Core.Tests.Stores;

public class StoreRulesTests
{
    private static readonly string Root = OperatingSystem.IsWindows() ? @"C:\" : "/";

    private static readonly Store Good = new()
    {
        Name = "Loja 01",
        IssuerId = "12ABC34501DE35",
        Uf = "SP",
        Environment = SefazEnvironment.Homologacao,
        System = StoreSystem.Plus,
        Sources = new[] { new SourceFolder(At("erp", "contingencia")) },
        ArchivePath = At("nfce", "archive"),
        Certificate = new(At("nfce", "loja.pfx"), null),
    };

    [Fact]
    public void A_good_store_passes()
    {
        StoreRules.Validate(Good);
        StoreRules.Validate(Good with { IssuerId = "52998224725", Uf = "ac", Name = "Loja São João #2 (centro)" });
        StoreRules.Validate(Good with { Certificate = new(null, "\u200eab cd ef 0123456789abcdef0123456789abcdef01") });
        StoreRules.Validate(Good with { ServiceBaseAddress = new Uri("https://localhost:8443") });
        StoreRules.Validate(Good with { ArchivePath = At("erp", "contingencia-archive") });
    }

    [Theory]
    [InlineData("")]
    [InlineData("  ")]
    [InlineData(" Loja")]
    [InlineData("Loja ")]
    [InlineData("Loja*")]
    [InlineData("Loja?")]
    [InlineData("Loja[1]")]
    [InlineData("Loja`1")]
    [InlineData("a/b")]
    [InlineData("a\\b")]
    [InlineData("..")]
    [InlineData("C:")]
    [InlineData("Loja\n1")]
    public void A_name_with_characters_of_paths_or_wildcards_is_refused(string name)
    {
        NfceSyncException error = Fails(Good with { Name = name }, ErrorIds.NfceStoreNameInvalid);
        Assert.Equal(name, error.Target);
        Assert.Equal(NfceErrorCategory.InvalidArgument, error.Category);
    }

    [Fact]
    public void A_wrong_id_is_refused_and_not_repeated()
    {
        NfceSyncException error = Fails(Good with { IssuerId = "52998224724" }, ErrorIds.NfceIssuerIdInvalid);
        Assert.DoesNotContain("52998224724", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void An_unknown_UF_is_refused() => Fails(Good with { Uf = "EX" }, ErrorIds.NfceUfUnknown);

    [Fact]
    public void A_store_without_source_is_refused() =>
        Fails(Good with { Sources = Array.Empty<SourceFolder>() }, ErrorIds.NfceStoreWithoutSource);

    [Theory]
    [InlineData("")]
    [InlineData("sub/*.xml")]
    [InlineData("..\\*.xml")]
    public void A_pattern_is_of_file_names_only(string pattern) => Fails(
        Good with { Sources = new[] { new SourceFolder(At("erp"), Pattern: pattern) } }, ErrorIds.NfceSourcePatternInvalid);

    [Fact]
    public void Relative_paths_are_refused()
    {
        Fails(Good with { Sources = new[] { new SourceFolder("erp") } }, ErrorIds.NfcePathNotAbsolute);
        Fails(Good with { Sources = new[] { new SourceFolder(string.Empty) } }, ErrorIds.NfcePathNotAbsolute);
        Fails(Good with { ArchivePath = Path.Combine("..", "archive") }, ErrorIds.NfcePathNotAbsolute);
        Fails(Good with { Certificate = new("loja.pfx", null) }, ErrorIds.NfcePathNotAbsolute);
        Fails(Good with { TrustedRootPath = "roots.pem" }, ErrorIds.NfcePathNotAbsolute);
    }

    [Fact]
    public void An_archive_must_lie_apart_from_every_source()
    {
        Overlap(At("erp", "contingencia"));
        Overlap(At("erp", "contingencia") + Path.DirectorySeparatorChar);
        Overlap(At("erp", "contingencia", "archive"));
        Overlap(At("erp", "x", "..", "contingencia", "archive"));
        Overlap(At("erp"));
        Overlap(Root);

        void Overlap(string archive)
        {
            Fails(Good with { ArchivePath = archive }, ErrorIds.NfceArchiveOverlapsSource);
            Fails(
                Good with { ArchivePath = archive, Sources = new[] { new SourceFolder(At("apart")), new SourceFolder(At("erp", "contingencia"), Recursive: false) } },
                ErrorIds.NfceArchiveOverlapsSource);
        }
    }

    [Fact]
    public void A_store_has_exactly_one_certificate()
    {
        Fails(Good with { Certificate = new(null, null) }, ErrorIds.NfceCertificateReferenceInvalid);
        Fails(Good with { Certificate = new(At("loja.pfx"), new string('A', 40)) }, ErrorIds.NfceCertificateReferenceInvalid);
        Fails(Good with { Certificate = new(null, "ABCD") }, ErrorIds.NfceThumbprintInvalid);
    }

    [Theory]
    [InlineData("http://localhost:8443")]
    [InlineData("https://localhost:8443/proxy")]
    [InlineData("https://localhost:8443/?x=1")]
    [InlineData("https://user:password@localhost:8443")]
    [InlineData("/ws")]
    public void A_service_address_is_https_host_and_port(string address)
    {
        NfceSyncException error = Fails(
            Good with { ServiceBaseAddress = new Uri(address, UriKind.RelativeOrAbsolute) }, ErrorIds.NfceServiceAddressInvalid);
        Assert.DoesNotContain("password", error.Message + error.Target, StringComparison.Ordinal);
    }

    [Fact]
    public void A_file_of_roots_must_be_readable() =>
        Fails(Good with { TrustedRootPath = At("no", "such", "roots.pem") }, ErrorIds.NfceTrustedRootUnreadable);

    private static NfceSyncException Fails(Store store, string errorId)
    {
        var error = Assert.Throws<NfceSyncException>(() => StoreRules.Validate(store));
        Assert.Equal(errorId, error.ErrorId);
        return error;
    }

    private static string At(params string[] parts) => Root + string.Join(Path.DirectorySeparatorChar, parts);
}
