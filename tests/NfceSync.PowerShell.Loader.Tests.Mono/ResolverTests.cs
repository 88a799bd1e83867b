using System;
using System.Globalization;
using System.IO;
using System.Linq;
using System.Reflection;
using System.Reflection.Emit;

using Xunit;

namespace NfceSync.PowerShell.Loader.Tests.Mono;

/// <summary>Our assemblies come from our folder, whatever others have loaded; theirs are theirs to find.</summary>
public class ResolverTests
{
    private static readonly Assembly Stranger = typeof(ResolverTests).Assembly;

    [Fact]
    public void The_cmdlets_get_what_they_and_their_dependencies_ask_for_from_the_modules_folder()
    {
        Assembly core = LoadedModule.Core;
        Type sqliteException = core.GetType("NfceSync.Core.Queue.QueueDatabase", throwOnError: true)
            .GetMethod("Explain")!.GetParameters().Single().ParameterType;
        Type handle = sqliteException.Assembly.GetType("Microsoft.Data.Sqlite.SqliteConnection", throwOnError: true).GetProperty("Handle")!.PropertyType;

        Assert.Equal("NfceSync.Core", core.GetName().Name);
        Assert.Equal("Microsoft.Data.Sqlite", sqliteException.Assembly.GetName().Name);
        Assert.Equal("SQLitePCLRaw.core", handle.Assembly.GetName().Name);
        Assert.All(
            new[] { LoadedModule.Cmdlets, core, sqliteException.Assembly, handle.Assembly },
            assembly => Assert.Equal(LoadedModule.Folder, Path.GetDirectoryName(assembly.Location)));
    }

    [Fact]
    public void Every_assembly_of_the_folder_is_given_to_the_modules_own_and_to_nobody_else()
    {
        string[] names = Directory.GetFiles(LoadedModule.Folder, "*.dll").Select(file => AssemblyName.GetAssemblyName(file).FullName).ToArray();

        Assert.True(names.Length > 10, "The module brings its dependencies.");
        Assert.All(names, name =>
        {
            Assembly? answer = LoadedModule.Answer(name, LoadedModule.Cmdlets);
            Assert.Equal(name, answer?.FullName);
            Assert.Equal(LoadedModule.Folder, Path.GetDirectoryName(answer!.Location));
            Assert.Null(LoadedModule.Answer(name, Stranger));
        });
    }

    /// <summary>Another version, asked for before: powershell.exe knows no binding redirects.</summary>
    [Theory]
    [InlineData("Polly.Core, Version=7.0.0.0, Culture=neutral, PublicKeyToken=c8a3ffc3f8f825cc")]
    [InlineData("System.Memory, Version=4.0.1.1, Culture=neutral, PublicKeyToken=cc7b13ffcd2ddd51")]
    public void An_older_version_is_answered_with_the_one_of_the_folder(string name)
    {
        Assembly? answer = LoadedModule.Answer(name, LoadedModule.Core);

        Assert.Equal(LoadedModule.Folder, Path.GetDirectoryName(answer!.Location));
    }

    [Fact]
    public void Ours_is_used_though_another_module_has_loaded_its_own_copy()
    {
        string folder = Directory.CreateDirectory(Path.Combine(Path.GetTempPath(), "nfcesync-other-" + Guid.NewGuid().ToString("N"))).FullName;
        AssemblyBuilder made = AppDomain.CurrentDomain.DefineDynamicAssembly(
            new AssemblyName("System.Threading.Channels") { Version = new Version(1, 0, 0, 0) }, AssemblyBuilderAccess.Save, folder);
        made.DefineDynamicModule("main", "System.Threading.Channels.dll").DefineType("Theirs", TypeAttributes.Public).CreateType();
        made.Save("System.Threading.Channels.dll");
        Assembly theirs = Assembly.LoadFrom(Path.Combine(folder, "System.Threading.Channels.dll"));

        Assembly? answer = LoadedModule.Answer("System.Threading.Channels, Version=10.0.0.0, Culture=neutral, PublicKeyToken=cc7b13ffcd2ddd51", LoadedModule.Core);

        Assert.NotNull(theirs.GetType("Theirs"));
        Assert.NotSame(theirs, answer);
        Assert.Equal(LoadedModule.Folder, Path.GetDirectoryName(answer!.Location));
        Directory.Delete(folder, recursive: true);
    }

    [Fact]
    public void A_request_without_a_requester_is_ours_only_by_its_name()
    {
        Assert.Same(LoadedModule.Core, LoadedModule.Answer("NfceSync.Core", requester: null));
        Assert.Null(LoadedModule.Answer("Microsoft.Data.Sqlite", requester: null));
        Assert.Null(LoadedModule.Answer("NfceSyncOfSomebodyElse", requester: null));
    }

    [Theory]
    [InlineData("System.Management.Automation")]
    [InlineData("NfceSync.Missing")]
    public void What_the_folder_does_not_have_is_left_to_others(string name)
    {
        Assert.Null(LoadedModule.Answer(name, LoadedModule.Cmdlets));
    }

    [Fact]
    public void Asked_twice_it_gives_the_same_assembly()
    {
        Assert.Same(LoadedModule.Cmdlets, LoadedModule.Load());
        Assert.Same(
            LoadedModule.Answer("Microsoft.Data.Sqlite", LoadedModule.Core),
            LoadedModule.Answer("Microsoft.Data.Sqlite, Version=9.0.0.0", LoadedModule.Cmdlets));
    }

    [Theory]
    [InlineData("NfceSync.Core")]
    [InlineData("NfceSync.PowerShell")]
    public void The_Portuguese_resources_come_from_the_folder_of_the_language(string name)
    {
        Assembly? answer = LoadedModule.Answer(name + ".resources, Culture=pt", LoadedModule.Core);

        Assert.Equal(Path.Combine(LoadedModule.Folder, "pt", name + ".resources.dll"), answer?.Location);
        Assert.Null(LoadedModule.Answer(name + ".resources, Culture=fr", LoadedModule.Core));
    }

    [Fact]
    public void A_text_is_found_in_Portuguese_and_in_English()
    {
        MethodInfo text = LoadedModule.Core.GetType("NfceSync.Core.Texts", throwOnError: true).GetMethod("In")!;
        string In(string culture) => (string)text.Invoke(null, [CultureInfo.GetCultureInfo(culture), "StateAuthorized", Array.Empty<object>()]);

        Assert.Equal("Authorized", In("en-US"));
        Assert.Equal("Autorizada", In("pt-BR"));
    }
}
