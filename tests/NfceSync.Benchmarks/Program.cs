using System;
using System.Collections.Generic;
using System.Linq;

using NfceSync.Benchmarks;
using NfceSync.Benchmarks.Rows;

// dotnet run -c Release --project tests/NfceSync.Benchmarks [-- [--quick] [row ...]]
switch (args)
{
    case [SimulatorProcess.Verb, ..]:
        await SimulatorProcess.ServeAsync(args[1]);
        return 0;
    case [MemoryRow.Verb, ..]:
        await MemoryRow.RunChildAsync(args[1], args[2], new Uri(args[3]));
        return 0;
}

IReadOnlyList<Row> rows =
[
    new("transmit", TransmitRow.RunAsync),
    new("latency", LatencyRow.RunAsync),
    new("cpu", CpuRow.RunAsync),
    new("intake", IntakeRow.RunAsync),
    new("list", ListRow.RunAsync),
    new("memory", MemoryRow.RunAsync),
    new("disk", DiskRow.RunAsync),
    new("import", ImportRow.RunAsync),
];
bool quick = args.Contains("--quick");
string[] wanted = args.Except(["--quick"]).ToArray();
if (wanted.Except(rows.Select(row => row.Name)).Any())
{
    Console.Error.WriteLine($"usage: [--quick] [{string.Join(" | ", rows.Select(row => row.Name))}] ...");
    return 2;
}

Table.PrintHead();
bool met = true;
using (var workload = new Workload(quick))
{
    foreach (Row row in rows.Where(row => wanted.Length == 0 || wanted.Contains(row.Name)))
    {
        await foreach (Figure figure in row.Run(workload))
        {
            Table.Print(row.Name, figure);
            met &= figure.IsMet;
        }
    }
}

Table.PrintFoot();
return met ? 0 : 1;

/// <summary>A group of figures that can be asked for by name.</summary>
internal sealed record Row(string Name, Func<Workload, IAsyncEnumerable<Figure>> Run);
