using System;
using System.Collections.Generic;
using System.Globalization;
using System.IO;
using System.Linq;
using System.Threading.Tasks;

using NfceSync.PowerShell.Tests;

namespace NfceSync.Benchmarks.Rows;

/// <summary>
/// The import of the built module, each time in a fresh process of the engine: against an empty module with the same psm1 and
/// loader, and against Microsoft.Data.Sqlite alone.
/// </summary>
internal static class ImportRow
{
    private const string Import =
        """
        $watch = [System.Diagnostics.Stopwatch]::StartNew()
        Import-Module -Name $args[0] -ErrorAction Stop
        $watch.Elapsed.TotalMilliseconds.ToString([cultureinfo]::InvariantCulture)
        """;

    private const string LoadSqlite =
        """
        $watch = [System.Diagnostics.Stopwatch]::StartNew()
        $loader = [System.Reflection.Assembly]::LoadFile([System.IO.Path]::Combine($args[0], 'NfceSync.PowerShell.Loader.dll'))
        $sqlite = $loader.GetType('NfceSync.PowerShell.Loader.ModuleLoader')::Load([System.IO.Path]::Combine($args[0], 'Microsoft.Data.Sqlite.dll'))
        $connection = [System.Activator]::CreateInstance($sqlite.GetType('Microsoft.Data.Sqlite.SqliteConnection'), 'Data Source=:memory:')
        $connection.Open()
        $watch.Elapsed.TotalMilliseconds.ToString([cultureinfo]::InvariantCulture)
        """;

    public static async IAsyncEnumerable<Figure> RunAsync(Workload workload)
    {
        string module = Engine.ModulePath;
        string empty = Path.Combine(AppContext.BaseDirectory, "empty", "EmptyModule.psd1");
        string bin = Path.Combine(Path.GetDirectoryName(module)!, "bin", "net8.0");
        List<(double Empty, double Ours, double Sqlite)> passes = [];
        for (int i = 0; i < workload.Passes * 3; i++)
        {
            passes.Add((await MillisecondsAsync(Import, empty), await MillisecondsAsync(Import, module), await MillisecondsAsync(LoadSqlite, bin)));
        }

        yield return new Figure(
            "Import-Module: of an empty module through the same loader",
            passes.Select(took => took.Ours / took.Empty).ToList(),
            Note: $"ms: module {Figure.MedianOf(passes.Select(took => took.Ours)):0}, empty {Figure.MedianOf(passes.Select(took => took.Empty)):0}")
        { AtMost = 1.5 };
        yield return new Figure(
            "Import-Module: of loading Microsoft.Data.Sqlite alone",
            passes.Select(took => took.Ours / took.Sqlite).ToList(),
            Note: $"ms: Microsoft.Data.Sqlite, loaded and one connection open, {Figure.MedianOf(passes.Select(took => took.Sqlite)):0}");
    }

    private static async Task<double> MillisecondsAsync(string script, string argument) =>
        double.Parse((await EngineProcess.RunAsync(script, argument)).Single(), CultureInfo.InvariantCulture);
}
