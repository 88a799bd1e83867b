using System;
using System.Collections.Generic;
using System.IO;
using System.Linq;
using System.Management.Automation;
using System.Text;
using System.Threading.Tasks;
using System.Xml.Linq;

using NfceSync.SefazSimulator;

using Xunit;

namespace NfceSync.PowerShell.Tests.Cmdlets;

/// <summary>How things look: on consoles of 80 and 120 columns, in both languages, here and from a remote session.</summary>
public sealed class LooksTests
{
    private const string Namespace = "NfceSync.PowerShell.";

    private static readonly string[] WritersOfEachType =
    [
        "Get-NfceStore", "Get-NfcePending", "Get-NfceServiceStatus", "Sync-NfcePending -Confirm:$false", "Test-NfceSyncComplete -Detailed",
    ];

    [Theory]
    [InlineData("pt-BR", 120, "Pendente", "Em quarentena", "Execute Sync-NfcePending.")]
    [InlineData("en-US", 120, "Pending", "Quarantined", "Run Sync-NfcePending.")]
    [InlineData("pt-BR", 80, "Pendente", "Em quarentena", "Execute Sync-NfcePending.")]
    [InlineData("en-US", 80, "Pending", "Quarantined", "Run Sync-NfcePending.")]
    public async Task Pending_items_are_a_table_that_shows_the_key_facts_whole(string culture, int width, string pending, string quarantined, string next)
    {
        await using StoreMachine machine = await StoreMachine.StartAsync(culture, host: new EngineHost(width));
        SignedNote note = machine.Drop(1, first: 123456789, total: 12345.67m).Single();
        machine.Drop("lixo.xml", Encoding.UTF8.GetBytes("isto não é xml"));

        string shown = machine.Engine.Show("Get-NfcePending");

        // One column is left free, which the console of Windows needs.
        Assert.All(shown.Split('\n'), line => Assert.InRange(line.TrimEnd().Length, 0, width - 1));
        Assert.DoesNotContain('…', shown);
        Assert.Contains("Store: Loja 01", shown, StringComparison.Ordinal);
        string[] most = ["Number", "Serie", "Deadline", "Status", "Guidance"];
        Assert.Equal(width == 80 ? most : [.. most, "Code", "Total", "IssuedAt", "Age", "Tries"], Header(shown));
        string[] facts = ["1 ", "23:59", pending, next];
        string[] others = [note.DhEmi.ToString("dd/MM HH:mm", System.Globalization.CultureInfo.InvariantCulture), "12.345,67"];
        string row = shown.Split('\n').Single(line => line.Contains("123456789", StringComparison.Ordinal));
        Assert.All(width == 80 ? facts : [.. facts, .. others], (string fact) => Assert.Contains(fact, row, StringComparison.Ordinal));
        string document = shown.Split('\n').Single(line => line.Contains(quarantined, StringComparison.Ordinal));
        Assert.Matches(quarantined + " +lixo\\.xml: ", document);
        Assert.Contains("Confirm-NfceException.", shown, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("pt-BR", "Autorizada")]
    [InlineData("en-US", "Authorized")]
    public async Task Results_are_a_table_with_the_protocol_whole(string culture, string authorized)
    {
        await using StoreMachine machine = await StoreMachine.StartAsync(culture);
        SignedNote note = machine.Drop(1, first: 42).Single();

        string shown = machine.Engine.Show("Sync-NfcePending -Confirm:$false");

        string row = shown.Split('\n').Single(line => line.Contains(authorized, StringComparison.Ordinal));
        Assert.All(
            ["42", "34,56", "100", machine.Simulator.Ledger.Find(note.ChNFe)!.NProt], (string fact) => Assert.Contains(fact, row, StringComparison.Ordinal));
    }

    [Theory]
    [InlineData(80)]
    [InlineData(120)]
    public async Task Stores_status_and_completeness_are_tables_that_show_what_counts(int width)
    {
        await using StoreMachine machine = await StoreMachine.StartAsync(host: new EngineHost(width));
        bool wide = width == 120;

        string stores = machine.Engine.Show("Get-NfceStore");
        string status = machine.Engine.Show("Get-NfceServiceStatus");
        string complete = machine.Engine.Show("Test-NfceSyncComplete -Detailed");

        Assert.Equal(["Name", "Cnpj", "Uf", "Environment", "SourcePath", .. wide ? ["System"] : Array.Empty<string>()], Header(stores));
        Assert.Contains("12.345.678/0001-95", stores, StringComparison.Ordinal);
        Assert.Equal(
            ["Store", "Uf", "Available", "Code", "LastReason", "CertDays", .. wide ? ["ClockSkew", "s", "Environment", "Authoriser"] : Array.Empty<string>()],
            Header(status));
        Assert.Contains("Serviço em Operação", status, StringComparison.Ordinal);
        Assert.Equal(
            [
                "Store", "Complete", "ToSend", "Uncertain", "Rejected", "Conflict", "Quarantined", "Unarchived",
                .. wide ? ["Pending", "Overdue", "Excepted"] : Array.Empty<string>(),
            ],
            Header(complete));
        Assert.All(
            [stores, status, complete],
            (string shown) =>
            {
                Assert.DoesNotContain('…', shown);
                Assert.All(shown.Split('\n'), line => Assert.InRange(line.TrimEnd().Length, 0, width - 1));
            });
    }

    [Fact]
    public async Task What_comes_back_from_a_remote_session_looks_the_same_and_can_be_sent()
    {
        await using StoreMachine machine = await StoreMachine.StartAsync("en-US");
        SignedNote[] notes = [.. machine.Drop(3)];
        using RemoteEngine remote = await RemoteEngine.ConnectAsync();
        object[] items = [.. remote.Run("param($queue) Get-NfcePending -QueuePath $queue | Where-Object Number -ne 2", machine.QueuePath).Output];

        string there = machine.Engine.Show("$args | Where-Object Number -eq 1", items);
        string here = machine.Engine.Show("Get-NfcePending | Where-Object Number -eq 1");

        Assert.Equal(Stable(here), Stable(there));
        PSObject item = (PSObject)items[0];
        Assert.Equal("Deserialized." + Namespace + "NfcePendingItem", item.TypeNames[0]);
        Assert.Contains(notes[0].DhEmi, machine.Run("$args | ForEach-Object { [DateTimeOffset]$_.IssuedAt }", items).Values.Cast<DateTimeOffset>());

        EngineResult sent = machine.Run("$args | Sync-NfcePending -Confirm:$false", items);

        Assert.Equal([notes[0].ChNFe, notes[2].ChNFe], sent.Output.Select(result => result.Text("ChNFe")).OrderBy(key => key![33]));
        Assert.Null(machine.Simulator.Ledger.Find(notes[1].ChNFe));
    }

    [Fact]
    public async Task Every_column_of_a_view_is_a_property_and_every_view_is_for_remote_objects_too()
    {
        await using StoreMachine machine = await StoreMachine.StartAsync();
        machine.Drop(1);
        var objects = WritersOfEachType
            .Select(script => machine.Run(script).One())
            .ToDictionary(item => item.TypeNames[0]);
        var views = XDocument.Load(Path.Combine(Path.GetDirectoryName(Engine.ModulePath)!, "NfceSync.PowerShell.Format.ps1xml")).Descendants("View").ToList();

        Assert.Empty(views.Descendants("ScriptBlock"));
        Assert.All(views, view =>
        {
            string[] types = [.. view.Element("ViewSelectedBy")!.Elements("TypeName").Select(type => type.Value)];
            Assert.Equal([types[0], "Deserialized." + types[0]], types);
            Assert.All(view.Descendants("PropertyName"), property => Assert.NotNull(objects[types[0]].Properties[property.Value]));
            Assert.Equal(view.Descendants("TableColumnHeader").Count(), view.Descendants("TableColumnItem").Count());
        });
        Assert.Equal(
            objects.Keys.Order(StringComparer.Ordinal),
            views.Select(view => view.Descendants("TypeName").First().Value).Distinct().Order(StringComparer.Ordinal));
        Assert.All(objects.Keys, type => Assert.StartsWith(Namespace, type, StringComparison.Ordinal));
        Assert.All(objects.Values.SelectMany(item => item.Properties), property =>
            Assert.Matches(@"^System\.(String|Int32|Int64|Boolean|Decimal|TimeSpan|DateTimeOffset|String\[\]|Nullable.*)$", property.TypeNameOfValue));
    }

    /// <summary>The words above the rule.</summary>
    private static string[] Header(string shown)
    {
        string[] lines = shown.Split('\n');
        int rule = Array.FindIndex(lines, line => line.Contains("---", StringComparison.Ordinal));
        return lines[rule - 1].Split(' ', StringSplitOptions.RemoveEmptyEntries);
    }

    // The age may have gone on by a minute between the two.
    private static IEnumerable<string> Stable(string shown) =>
        shown.Split('\n').Select(line => System.Text.RegularExpressions.Regex.Replace(line, @"\s+\S+m ", " "));
}
