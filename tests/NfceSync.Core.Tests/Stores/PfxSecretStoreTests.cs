using System;
using System.Diagnostics;
using System.IO;
using System.Linq;
using System.Net;
using System.Runtime.Versioning;
using System.Security;

using NfceSync.Core.Stores;

using Xunit;

namespace NfceSync.Core.Tests.Stores;

public sealed class PfxSecretStoreTests : IDisposable
{
    private const UnixFileMode OwnerReadWrite = UnixFileMode.UserRead | UnixFileMode.UserWrite;

    private readonly TemporaryFile _home = new();
    private readonly string _folder;
    private readonly PfxSecretStore _secrets;

    public PfxSecretStoreTests()
    {
        _folder = Path.Combine(_home.Folder, "secrets");
        _secrets = new PfxSecretStore(_folder);
    }

    public void Dispose() => _home.Dispose();

    [Theory]
    [InlineData("senha")]
    [InlineData("")]
    [InlineData("çÃ€ 𝄞 \" '")]
    public void What_was_kept_comes_back(string password)
    {
        Save("Loja 01", password);
        Assert.Equal(password, Load("loja 01"));
    }

    [Fact]
    public void What_was_never_kept_is_null() => Assert.Null(_secrets.TryLoad("Loja 01"));

    [Fact]
    public void A_second_password_replaces_the_first_and_leaves_no_other_file()
    {
        Save("Loja 01", "primeira");
        Save("LOJA 01", "segunda");
        Assert.Equal("segunda", Load("Loja 01"));
        Assert.Single(Directory.GetFiles(_folder));
    }

    [Fact]
    public void Stores_do_not_share_a_password()
    {
        Save("Loja 01", "a");
        Save("../Loja 02", "b");
        Assert.Equal("a", Load("Loja 01"));
        Assert.Equal("b", Load("../Loja 02"));
        Assert.Equal(2, Directory.GetFiles(_folder).Length);
    }

    [Fact]
    public void A_forgotten_password_is_gone()
    {
        Save("Loja 01", "senha");
        Assert.True(_secrets.Delete("Loja 01"));
        Assert.False(_secrets.Delete("Loja 01"));
        Assert.Null(_secrets.TryLoad("Loja 01"));
        Assert.Empty(Directory.GetFiles(_folder));
    }

    [Fact]
    public void Neither_name_nor_content_shows_the_key_or_the_password()
    {
        Save("52998224725", "senha-de-teste");
        string file = Directory.GetFiles(_folder).Single();
        Assert.DoesNotContain("52998224725", file, StringComparison.Ordinal);
        Assert.DoesNotContain("senha", File.ReadAllText(file), StringComparison.Ordinal);
    }

    [SkippableFact]
    [UnsupportedOSPlatform("windows")]
    public void File_and_folder_are_their_owners_alone()
    {
        Skip.If(OperatingSystem.IsWindows(), "Modes are of Unix.");
        Save("Loja 01", "senha");
        Assert.Equal(OwnerReadWrite, File.GetUnixFileMode(Directory.GetFiles(_folder).Single()));
        Assert.Equal(OwnerReadWrite | UnixFileMode.UserExecute, File.GetUnixFileMode(_folder));
    }

    [SkippableTheory]
    [UnsupportedOSPlatform("windows")]
    [InlineData(UnixFileMode.GroupRead)]
    [InlineData(UnixFileMode.OtherRead)]
    [InlineData(UnixFileMode.OtherWrite)]
    public void A_file_that_others_may_use_is_refused(UnixFileMode more)
    {
        Skip.If(OperatingSystem.IsWindows(), "Modes are of Unix.");
        Save("Loja 01", "senha");
        File.SetUnixFileMode(Directory.GetFiles(_folder).Single(), OwnerReadWrite | more);
        Assert.Equal(ErrorIds.NfceSecretFileUnsafe, LoadFails());
    }

    [SkippableFact]
    public void A_file_of_another_user_is_refused()
    {
        Skip.IfNot(OperatingSystem.IsLinux() && Environment.UserName == "root", "Only root can give a file away.");
        Save("Loja 01", "senha");
        using (Process chown = Process.Start("chown", new[] { "65534", Directory.GetFiles(_folder).Single() }))
        {
            chown.WaitForExit();
            Assert.Equal(0, chown.ExitCode);
        }

        Assert.Equal(ErrorIds.NfceSecretFileUnsafe, LoadFails());
    }

    [Fact]
    public void A_damaged_file_is_unreadable()
    {
        Save("Loja 01", "senha");
        File.WriteAllText(Directory.GetFiles(_folder).Single(), "~~~~");
        Assert.Equal(ErrorIds.NfceSecretFileUnreadable, LoadFails());
    }

    [Fact]
    public void A_folder_that_cannot_be_made_is_reported_without_the_password()
    {
        File.WriteAllText(_home.Path, "a file in the way");
        var error = Assert.Throws<NfceSyncException>(() =>
        {
            using SecureString password = TestCertificates.Secret("senha-de-teste");
            new PfxSecretStore(Path.Combine(_home.Path, "secrets")).Save("Loja 01", password);
        });
        Assert.Equal(ErrorIds.NfceSecretFileUnwritable, error.ErrorId);
        Assert.DoesNotContain("senha-de-teste", error.ToString(), StringComparison.Ordinal);
    }

    private void Save(string key, string password)
    {
        using SecureString secret = TestCertificates.Secret(password);
        _secrets.Save(key, secret);
    }

    private string Load(string key)
    {
        using SecureString secret = _secrets.TryLoad(key)!;
        return new NetworkCredential(null, secret).Password;
    }

    private string LoadFails() => Assert.Throws<NfceSyncException>(() => _secrets.TryLoad("Loja 01")).ErrorId;
}
