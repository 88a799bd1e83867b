using System;
using System.Linq;
using System.Management.Automation;
using System.Reflection;
using System.Runtime.Loader;

using Microsoft.Data.Sqlite;

using NfceSync.Core.Stores;

using Polly;

namespace NfceSync.PowerShell.Tests.Probe;

/// <summary>Uses the module's dependencies and says where each came from.</summary>
[Cmdlet(VerbsCommon.Get, "Probe")]
public sealed class GetProbeCommand : NfceCmdlet
{
    protected override void EndProcessing()
    {
        using var connection = new SqliteConnection("Data Source=:memory:");
        connection.Open();
        using SqliteCommand command = connection.CreateCommand();
        command.CommandText = "SELECT sqlite_version()";
        string sqlite = (string)command.ExecuteScalar()!;
        string answer = new ResiliencePipelineBuilder().Build().Execute(() => "executed");
        Assembly[] used = [typeof(SqliteConnection).Assembly, typeof(SQLitePCL.raw).Assembly, typeof(ResiliencePipeline).Assembly];
        WriteObject(string.Join(" ", used.Select(Describe).Prepend($"sqlite={sqlite}").Append("polly=" + answer)));
    }

    private static string Describe(Assembly assembly)
    {
        bool isolated = AssemblyLoadContext.GetLoadContext(assembly) == AssemblyLoadContext.GetLoadContext(typeof(Store).Assembly)
            && AssemblyLoadContext.GetLoadContext(assembly) != AssemblyLoadContext.Default;
        Version? version = assembly.GetName().Version;
        return $"{assembly.GetName().Name}={version} isolated={isolated}";
    }
}
