using System;
using System.IO;
using System.Linq;
using System.Reflection;

namespace NfceSync.PowerShell.Loader.Tests.Mono;

/// <summary>The built module's assembly of cmdlets, loaded as its psm1 does it in Windows PowerShell 5.1.</summary>
internal static class LoadedModule
{
    private static readonly Lazy<Assembly> LoadedOnce = new(Load);

    public static string Folder { get; } = Path.Combine(Repository(), "artifacts", "NfceSync.PowerShell", "bin", "net472");

    public static Assembly Cmdlets => LoadedOnce.Value;

    public static Assembly Core => Cmdlets.GetType("NfceSync.PowerShell.DisplayText", throwOnError: true)
        .GetMethod("State", BindingFlags.Public | BindingFlags.Static)!.GetParameters().Single().ParameterType.Assembly;

    public static Assembly Load()
    {
        Assembly loader = Assembly.LoadFile(Path.Combine(Folder, "NfceSync.PowerShell.Loader.dll"));
        object cmdlets = loader.GetType("NfceSync.PowerShell.Loader.ModuleLoader", throwOnError: true)
            .GetMethod("Load")!.Invoke(null, [Path.Combine(Folder, "NfceSync.PowerShell.dll")]);
        return (Assembly)cmdlets;
    }

    /// <summary>What the loader answers to a request that the framework could not serve itself.</summary>
    public static Assembly? Answer(string name, Assembly? requester)
    {
        _ = Cmdlets;

        // Mono's own name for what lies behind the event: an event cannot be raised from outside.
        var handlers = (ResolveEventHandler)typeof(AppDomain)
            .GetField(nameof(AppDomain.AssemblyResolve), BindingFlags.Instance | BindingFlags.NonPublic)!.GetValue(AppDomain.CurrentDomain);
        ResolveEventHandler[] ours = handlers.GetInvocationList().Cast<ResolveEventHandler>()
            .Where(handler => handler.Target?.GetType().Name == "IsolatedFolder").ToArray();
        return ours.Single()(AppDomain.CurrentDomain, new ResolveEventArgs(name, requester));
    }

    private static string Repository()
    {
        string folder = AppDomain.CurrentDomain.BaseDirectory;
        while (!File.Exists(Path.Combine(folder, "NfceSync.PowerShell.sln")))
        {
            folder = Path.GetDirectoryName(folder) ?? throw new InvalidOperationException("The tests do not lie in the repository.");
        }

        return folder;
    }
}
