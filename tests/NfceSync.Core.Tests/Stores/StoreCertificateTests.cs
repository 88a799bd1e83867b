using System;
using System.Collections.Generic;
using System.ComponentModel;
using System.Diagnostics;
using System.IO;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;

using NfceSync.Core.Stores;

using Xunit;

namespace NfceSync.Core.Tests.Stores;

public class StoreCertificateTests
{
    private const string Password = "senha-de-teste ç";
    private const int AccessDenied = unchecked((int)0x80070005);

    [Theory]
    [InlineData(PbeEncryptionAlgorithm.Aes256Cbc)]
    [InlineData(PbeEncryptionAlgorithm.TripleDes3KeyPkcs12)]
    public void A_PFX_opens_with_its_password_and_its_key_signs(PbeEncryptionAlgorithm algorithm)
    {
        using X509Certificate2 made = TestCertificates.SelfSigned();
        using var file = new TemporaryFile(made.ExportPkcs12(
            new PbeParameters(algorithm, algorithm == PbeEncryptionAlgorithm.Aes256Cbc ? HashAlgorithmName.SHA256 : HashAlgorithmName.SHA1, 2000),
            Password));

        using X509Certificate2 loaded = Load(file.Path, Password);

        byte[] data = { 1, 2, 3 };
        byte[] signature = loaded.GetRSAPrivateKey()!.SignData(data, HashAlgorithmName.SHA256, RSASignaturePadding.Pkcs1);
        Assert.True(made.GetRSAPublicKey()!.VerifyData(data, signature, HashAlgorithmName.SHA256, RSASignaturePadding.Pkcs1));
    }

    [Fact]
    public void A_PFX_without_password_opens_without_one()
    {
        using var file = Pfx(password: null);
        using X509Certificate2 loaded = StoreCertificate.Load(new(file.Path, null), () => null, TestCertificates.Now);
        Assert.True(loaded.HasPrivateKey);
    }

    [Fact]
    public void The_certificate_with_the_key_is_taken_from_a_PFX_with_a_chain()
    {
        using X509Certificate2 root = TestCertificates.Authority("Raiz de teste");
        using X509Certificate2 leaf = TestCertificates.Server(root);
        var all = new X509Certificate2Collection { X509CertificateLoader.LoadCertificate(root.RawData), leaf };
        using var file = new TemporaryFile(all.Export(X509ContentType.Pkcs12, Password)!);
        using X509Certificate2 loaded = StoreCertificate.Load(
            new(file.Path, null), () => TestCertificates.Secret(Password), DateTimeOffset.UtcNow);
        Assert.Equal(leaf.Thumbprint, loaded.Thumbprint);
    }

    [Fact]
    public void A_wrong_password_is_called_one_and_not_shown()
    {
        using var file = Pfx(Password);
        NfceSyncException error = LoadFails(file.Path, "outra-senha");
        Assert.Equal(ErrorIds.NfcePfxWrongPassword, error.ErrorId);
        Assert.Equal(file.Path, error.Target);
        Assert.DoesNotContain("outra-senha", error.ToString(), StringComparison.Ordinal);
    }

    [Fact]
    public void A_missing_password_is_a_wrong_one()
    {
        using var file = Pfx(Password);
        var error = Assert.Throws<NfceSyncException>(() => StoreCertificate.Load(new(file.Path, null), () => null, TestCertificates.Now));
        Assert.Equal(ErrorIds.NfcePfxWrongPassword, error.ErrorId);
    }

    // .NET never opens RC4. RC2 it opens where OpenSSL's legacy provider is installed: with OPENSSL_MODULES=/nonexistent in
    // the environment of the tests it is not.
    [SkippableTheory]
    [InlineData("RC2-40")]
    [InlineData("RC4-128")]
    public void An_old_encryption_is_told_apart_from_a_wrong_password(string encryption)
    {
        Skip.If(OperatingSystem.IsWindows(), "Windows opens these files.");
        using var file = LegacyPfx("PBE-SHA1-" + encryption);
        Skip.If(Opens(file.Path), "OpenSSL's legacy provider is installed here.");

        Assert.Equal(ErrorIds.NfcePfxLegacyEncryption, LoadFails(file.Path, Password).ErrorId);
        Assert.Equal(ErrorIds.NfcePfxWrongPassword, LoadFails(file.Path, "outra-senha").ErrorId);
    }

    [SkippableFact]
    public void Triple_DES_of_OpenSSL_opens_everywhere()
    {
        using var file = LegacyPfx("PBE-SHA1-3DES");
        Assert.True(Opens(file.Path));
    }

    [Fact]
    public void A_file_that_is_no_PFX_is_unreadable()
    {
        using var file = new TemporaryFile("isto não é um certificado");
        Assert.Equal(ErrorIds.NfcePfxUnreadable, LoadFails(file.Path, Password).ErrorId);
    }

    [Fact]
    public void A_PFX_cut_short_is_unreadable()
    {
        using var whole = Pfx(Password);
        byte[] content = File.ReadAllBytes(whole.Path);
        using var file = new TemporaryFile(content.AsSpan(0, content.Length / 2).ToArray());
        Assert.Equal(ErrorIds.NfcePfxUnreadable, LoadFails(file.Path, Password).ErrorId);
    }

    [Fact]
    public void A_folder_in_place_of_a_PFX_is_unreadable()
    {
        using var file = new TemporaryFile();
        Assert.Equal(ErrorIds.NfcePfxUnreadable, LoadFails(file.Folder, Password).ErrorId);
    }

    [Fact]
    public void A_missing_file_is_called_that_and_no_password_is_asked_for()
    {
        using var file = new TemporaryFile();
        var error = Assert.Throws<NfceSyncException>(() => StoreCertificate.Load(
            new(file.Path, null), () => throw new InvalidOperationException("asked"), TestCertificates.Now));
        Assert.Equal(ErrorIds.NfcePfxMissing, error.ErrorId);
    }

    [Fact]
    public void A_PFX_without_a_key_is_refused()
    {
        using X509Certificate2 made = TestCertificates.SelfSigned();
        using X509Certificate2 bare = X509CertificateLoader.LoadCertificate(made.RawData);
        using var file = new TemporaryFile(bare.Export(X509ContentType.Pkcs12, Password));
        Assert.Equal(ErrorIds.NfceCertificateNoPrivateKey, LoadFails(file.Path, Password).ErrorId);
    }

    [Fact]
    public void Validity_is_judged_by_the_given_instant()
    {
        using var file = Pfx(Password);
        Assert.Equal(ErrorIds.NfceCertificateNotYetValid, FailsAt(TestCertificates.Now.AddDays(-2)));
        Assert.Equal(ErrorIds.NfceCertificateExpired, FailsAt(TestCertificates.Now.AddDays(31)));

        string FailsAt(DateTimeOffset now) => Assert.Throws<NfceSyncException>(() => StoreCertificate.Load(
            new(file.Path, null), () => TestCertificates.Secret(Password), now)).ErrorId;
    }

    [SkippableFact]
    public void A_thumbprint_needs_Windows()
    {
        Skip.If(OperatingSystem.IsWindows(), "Windows has the store.");
        var error = Assert.Throws<NfceSyncException>(() => StoreCertificate.Load(
            new(null, new string('A', 40)), () => null, TestCertificates.Now));
        Assert.Equal(ErrorIds.NfceCertificateStoreUnsupported, error.ErrorId);
    }

    [SkippableFact]
    public void A_thumbprint_that_nothing_has_is_not_found()
    {
        Skip.IfNot(OperatingSystem.IsWindows(), "Only Windows has the store.");
        var error = Assert.Throws<NfceSyncException>(() => StoreCertificate.Load(
            new(null, new string('0', 40)), () => null, TestCertificates.Now));
        Assert.Equal(ErrorIds.NfceCertificateNotFound, error.ErrorId);
    }

    [Fact]
    public void A_key_that_finds_no_place_with_the_user_goes_to_the_machine_and_is_not_left_there()
    {
        using X509Certificate2 made = TestCertificates.SelfSigned();
        var asked = new List<X509KeyStorageFlags>();

        X509Certificate2 opened = StoreCertificate.Open(
            place =>
            {
                asked.Add(place);
                return place == X509KeyStorageFlags.UserKeySet ? throw new CryptographicException(AccessDenied) : made;
            },
            "loja.pfx");

        Assert.Same(made, opened);
        Assert.Equal([X509KeyStorageFlags.UserKeySet, X509KeyStorageFlags.MachineKeySet], asked);
    }

    [Fact]
    public void A_key_that_finds_no_place_at_all_is_told_apart_from_a_bad_file()
    {
        NfceSyncException error = Assert.Throws<NfceSyncException>(() => StoreCertificate.Open(
            place => place == X509KeyStorageFlags.EphemeralKeySet ? TestCertificates.SelfSigned() : throw new CryptographicException(AccessDenied),
            "loja.pfx"));

        Assert.Equal((ErrorIds.NfcePfxProfileUnavailable, (object)"loja.pfx"), (error.ErrorId, error.Target!));
        Assert.Throws<CryptographicException>(() => StoreCertificate.Open(_ => throw new CryptographicException(AccessDenied), "loja.pfx"));
    }

    [Fact]
    public void A_wrong_password_is_not_tried_with_the_keys_of_the_machine()
    {
        int asked = 0;

        Assert.Throws<CryptographicException>(() => StoreCertificate.Open(
            _ =>
            {
                asked++;
                throw new CryptographicException(unchecked((int)0x80070056));
            },
            "loja.pfx"));

        Assert.Equal(1, asked);
    }

    [Fact]
    public void Of_two_with_the_same_thumbprint_the_one_with_its_key_is_taken()
    {
        using X509Certificate2 whole = TestCertificates.SelfSigned();
        using X509Certificate2 bare = X509CertificateLoader.LoadCertificate(whole.RawData);

        Assert.Same(whole, StoreCertificate.WithKey([bare, whole]));
        Assert.Same(bare, StoreCertificate.WithKey([bare]));
        Assert.Null(StoreCertificate.WithKey([]));
    }

    private static X509Certificate2 Load(string path, string password) =>
        StoreCertificate.Load(new(path, null), () => TestCertificates.Secret(password), TestCertificates.Now);

    private static NfceSyncException LoadFails(string path, string password) =>
        Assert.Throws<NfceSyncException>(() => Load(path, password));

    private static bool Opens(string path)
    {
        try
        {
            using X509Certificate2 certificate = X509CertificateLoader.LoadPkcs12FromFile(path, Password);
            return true;
        }
        catch (CryptographicException)
        {
            return false;
        }
    }

    private static TemporaryFile Pfx(string? password)
    {
        using X509Certificate2 made = TestCertificates.SelfSigned();
        return new TemporaryFile(made.Export(X509ContentType.Pkcs12, password));
    }

    // .NET writes no RC2; OpenSSL's legacy provider does.
    private static TemporaryFile LegacyPfx(string encryption)
    {
        using X509Certificate2 made = TestCertificates.SelfSigned();
        var file = new TemporaryFile();
        string pem = Path.Combine(file.Folder, "certificate.pem");
        File.WriteAllText(pem, made.ExportCertificatePem() + "\n" + made.GetRSAPrivateKey()!.ExportPkcs8PrivateKeyPem());
        var start = new ProcessStartInfo("openssl") { RedirectStandardError = true };
        start.Environment.Remove("OPENSSL_MODULES");
        foreach (string argument in new[]
        {
            "pkcs12", "-export", "-legacy", "-in", pem, "-out", file.Path, "-passout", "pass:" + Password,
            "-certpbe", encryption, "-keypbe", encryption,
        })
        {
            start.ArgumentList.Add(argument);
        }

        try
        {
            using Process openssl = Process.Start(start)!;
            string said = openssl.StandardError.ReadToEnd();
            openssl.WaitForExit();
            Skip.If(openssl.ExitCode != 0, "openssl could not write the file: " + said);
        }
        catch (Win32Exception)
        {
            Skip.If(true, "openssl is not installed.");
        }

        return file;
    }
}
