using System.Linq;
using System.Management.Automation;
using System.Reflection;
using System.Runtime.Loader;

using Microsoft.Data.Sqlite;

using Polly;

namespace OtherModule;

/// <summary>Uses this module's dependencies and says which they are.</summary>
[Cmdlet(VerbsCommon.Get, "Other")]
public sealed class GetOtherCommand : PSCmdlet
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

    private static string Describe(Assembly assembly) =>
        $"{assembly.GetName().Name}={assembly.GetName().Version} default={AssemblyLoadContext.GetLoadContext(assembly) == AssemblyLoadContext.Default}";
}
