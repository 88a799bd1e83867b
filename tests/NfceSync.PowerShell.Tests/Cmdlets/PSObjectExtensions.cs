using System.Management.Automation;

namespace NfceSync.PowerShell.Tests.Cmdlets;

/// <summary>Reading what a cmdlet wrote: the tests know its types by their properties only.</summary>
internal static class PSObjectExtensions
{
    public static object? Value(this PSObject item, string property) => item.Properties[property]?.Value;

    public static string? Text(this PSObject item, string property) => item.Value(property)?.ToString();
}
